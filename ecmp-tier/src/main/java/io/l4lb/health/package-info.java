/**
 * Finds out which backends can serve, and says when that changes.
 *
 * <pre>
 * pools ─► HealthPlan ─► one CheckLoop (a virtual thread) per different check ─► Probe ── Way ──► backend
 *                              │ success or failure
 *                              ▼
 *                        BackendHealth: rise, fall, all its ways ─► HealthListener
 * </pre>
 *
 * <p>See {@code docs/design/11-health-checks.md}.
 */
package io.l4lb.health;
