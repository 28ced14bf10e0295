-- expect: 2: found the unknown word 'package', expected one that `pilotbench list --words` shows
package.exit(0)
