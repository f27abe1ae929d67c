/**
 * What DynamoDB's data model is, as plain Java over values: items, keys, numbers, expressions,
 * PartiQL, capacity units and the errors of the API.
 *
 * <p><b>May import</b> the JDK and {@code io.equator.proto}. <b>Must not</b> import gRPC, Ratis,
 * RocksDB, Netty, Micrometer or Jackson.
 *
 * <p><b>Always true:</b> nothing here blocks, and nothing here reads a clock, a random source or
 * the environment.
 */
@NullMarked
package io.equator.model;

import org.jspecify.annotations.NullMarked;
