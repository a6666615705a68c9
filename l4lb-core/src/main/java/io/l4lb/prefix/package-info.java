/** What is decided by a client's address alone: access by longest match, and limits by source prefix. Any stage's. */
package io.l4lb.prefix;
