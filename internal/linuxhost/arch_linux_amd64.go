package linuxhost

// nativeArch is AUDIT_ARCH_X86_64: what a system call filter knows this
// architecture by.
const nativeArch = 0xc000003e
