/**
 * The decisions of triggers, without threads, sockets or clocks: which records a filter lets pass,
 * what becomes of a batch that fails, and how a function's answer is read.
 *
 * <p><b>May import</b> the JDK's values and {@code io.equator.coordinator.json}.
 *
 * <p><b>Always true:</b> the records of a delivery end in their order, each delivered or discarded;
 * one that was discarded has been told first.
 *
 * <p><b>Start at</b> {@link io.equator.coordinator.triggers.core.BatchDelivery}.
 */
@NullMarked
package io.equator.coordinator.triggers.core;

import org.jspecify.annotations.NullMarked;
