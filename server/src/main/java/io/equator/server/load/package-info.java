/**
 * {@code equator load}: generated traffic against any DynamoDB endpoint, and what it measured.
 *
 * <p>The client must cost little beside the server, because both share a machine when a developer
 * measures: requests are templates of bytes in which only the digits of a key, a few characters of
 * a value and the signature change; one thread drives many connections with non-blocking sockets;
 * an answer is counted, not parsed.
 *
 * <p><b>May import</b> the JDK, HdrHistogram, Jackson's generator for the report, and the command's
 * own vocabulary. <b>Must not</b> import the server's parts: it measures from outside.
 *
 * <p><b>Always true:</b> with a fixed rate, a latency counts from the moment at which the request
 * was due, whether or not a connection was free then; so a server that stalls cannot hide it
 * (<i>coordinated omission</i>, Gil Tene).
 *
 * <p><b>Start at</b> {@link LoadRun}, then {@link Driver}.
 */
@NullMarked
package io.equator.server.load;

import org.jspecify.annotations.NullMarked;
