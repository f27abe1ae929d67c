/**
 * The HTTP/1.1 server in front of the API.
 *
 * <p>A shell: it finds requests in the bytes of a connection, hands each to {@link
 * io.equator.coordinator.api.ApiFrame}, and puts the answers back in order. It knows no operation.
 *
 * <p><b>Why Netty, and why only its transport.</b> One event loop reads, parses, runs and answers a
 * request without changing threads, so a cached read costs no hand-off. Per second of CPU time
 * Netty answered 49,000 requests with a fixed 1 KB body on two cores, Helidon 4, which gives each
 * connection a virtual thread, 27,000 to 30,000, and the JDK's own server 16,000; Vert.x runs on
 * Netty and adds its own contexts, so it can only come close. Netty's HTTP codec and aggregator
 * build a dozen objects per request; the requests of this API need three headers and a length, so
 * the head is parsed in place ({@link io.equator.coordinator.http.HttpHead}) and answers are
 * written as bytes. What that saves is measured in {@code docs/performance.md}.
 *
 * <p><b>May import</b> Netty (which shows in no other package), {@code api}, {@code json} and
 * {@code tls} of this module. <b>Must not</b> know operations or tables.
 *
 * <p><b>Always true:</b> each request that was parsed is answered once and in order, or its
 * connection is closed; a connection, its requests and all unfinished bodies have limits; no buffer
 * outlives the call that brought it.
 *
 * <p><b>Start at</b> {@link io.equator.coordinator.http.HttpServer}, then {@code Connection}.
 */
@NullMarked
package io.equator.coordinator.http;

import org.jspecify.annotations.NullMarked;
