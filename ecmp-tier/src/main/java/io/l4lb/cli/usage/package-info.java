/** What all commands share: the configuration option, exit codes, and how wrong use is told. */
package io.l4lb.cli.usage;
