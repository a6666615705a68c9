/** Commands that talk to a running node through its admin API. */
package io.l4lb.cli.control;
