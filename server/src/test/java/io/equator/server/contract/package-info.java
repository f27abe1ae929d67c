/**
 * The API as a client sees it, through the AWS SDK for Java.
 *
 * <p>The same files can run against any endpoint, DynamoDB itself included: with the environment
 * variable {@code EQUATOR_CONTRACT_ENDPOINT} they start no cluster. So a test names its own keys,
 * shares tables with the others, and asserts nothing that DynamoDB does not promise.
 */
@NullMarked
package io.equator.server.contract;

import org.jspecify.annotations.NullMarked;
