/**
 * What clients do to a cluster while it is broken, through the AWS SDK for Java, and how what they
 * saw is judged.
 *
 * <p><b>Must not</b> know what is broken when. <b>Always true:</b> no request is sent twice behind
 * a client's back, so what was recorded is what was asked.
 */
@org.jspecify.annotations.NullMarked
package io.equator.chaos.work;
