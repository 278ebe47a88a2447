#!/usr/bin/env node
import '../dist/countersign.js'
