/**
 * The tests: a cluster, work on it, faults, and the judgement.
 *
 * <p>{@code README.md} of this module says how to run them for hours.
 */
@org.jspecify.annotations.NullMarked
package io.equator.chaos;
