/**
 * JSON in and out of the API: {@link io.equator.coordinator.json.WireReader} reads a request body
 * member by member, straight into what the operation keeps; {@link
 * io.equator.coordinator.json.WireWriter} writes an answer straight into one byte array.
 *
 * <p>No object tree is built on either way: an item goes from the parser's tokens to its stored
 * form, and from its stored form to text.
 *
 * <p><b>May import</b> the JDK, {@code io.equator.model} and Jackson's streaming parser, which
 * shows in no other package. <b>Must not</b> import Netty or know which operation is read.
 *
 * <p><b>Always true:</b> what is wrong with a body is told as a {@code SerializationException} with
 * DynamoDB's own text; a body that is no JSON at all wins over every other complaint about it.
 *
 * <p><b>Start at</b> {@link io.equator.coordinator.json.WireReader}.
 */
@NullMarked
package io.equator.coordinator.json;

import org.jspecify.annotations.NullMarked;
