/** The health protocol of gRPC over HTTP/2 without TLS, by hand. */
package io.l4lb.health.grpc;
