/** Which packets VIPs take, and on what terms flows begin and are kept: {@code accessLists} with their files, and VIPs' keys. */
package io.l4lb.config.access;
