/** The command line: what {@code ./l4lb COMMAND} runs. Cold. */
package io.l4lb.cli;
