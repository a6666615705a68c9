/**
 * The admin API of a running node: HTTP/1.1 and JSON over a Unix domain socket in the state directory, for the commands
 * of the command line and for programs ({@code curl --unix-socket /var/lib/l4lb/admin.sock http://l4lb/v1/status}).
 *
 * <pre>
 * GET  /v1/status  /v1/vips  /v1/backends  /v1/flows
 * POST /v1/flows/lookup  {"flow": "tcp 192.0.2.7:40000 -&gt; 198.51.100.1:443"}
 * POST /v1/drain, /v1/undrain  {"node": true} or {"backend": "POOL/NAME"}
 * POST /v1/weight  {"backend": "POOL/NAME", "weight": 50}    null: the configured one
 * POST /v1/reload  {}
 *
 * 200 done   400 wrong use   404 no such thing   409 refused, with faults   500 failed   503 too many connections
 * </pre>
 */
package io.l4lb.node.admin;
