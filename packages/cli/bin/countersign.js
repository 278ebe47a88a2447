#!/usr/bin/env node
require('../dist/countersign.js')
