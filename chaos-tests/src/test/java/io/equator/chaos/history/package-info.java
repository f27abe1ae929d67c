/**
 * What clients saw, and whether a correct database could have shown it: histories and their
 * checkers.
 *
 * <p>Pure: no network, no clock, no cluster. Each checker has a test that shows it anomalies which
 * it must find, beside correct histories that it must let pass.
 *
 * <p><b>Always true:</b> an operation without an answer is neither taken for done nor for undone.
 */
@org.jspecify.annotations.NullMarked
package io.equator.chaos.history;
