/** Placeholder. */
package io.l4lb.config;
