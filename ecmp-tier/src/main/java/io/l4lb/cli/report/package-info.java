/** What commands print: for people as text, for programs as one JSON document. Cold. */
package io.l4lb.cli.report;
