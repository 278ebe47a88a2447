/** Version of the command line, and of what it writes. */
export const VERSION = '0.1.0'
