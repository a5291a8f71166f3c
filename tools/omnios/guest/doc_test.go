// Package guest has the tests that compare this project with a real illumos. They run on the
// machine to which ci/omnios/run.sh was copied, beside the tests of all other packages:
//
//   - our commands beside the system's, on the same zones, byte for byte, and by the scripts
//     of testdata, which run with both;
//   - a zone made, booted, entered, limited and destroyed through the kernel;
//   - a zone that the system's zoneadmd has booted: our login beside the system's, and its
//     kernel statistics beside kstat(8);
//   - our layouts beside the headers, by the machine's own compiler;
//   - the recordings of the C zone.c beside the running kernel.
//
// They use $ZONES_BIN, the directory of our commands, and write reports to $ZONES_FILES.
// They configure zones whose names begin with zt-, and remove them. On Linux the scripts run
// with our commands, and the life of a zone with a kernel process.
package guest
