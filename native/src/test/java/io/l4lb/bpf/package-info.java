/** The BPF programs, run by the kernel on packets built here, without any interface. */
package io.l4lb.bpf;
