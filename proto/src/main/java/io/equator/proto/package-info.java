/**
 * The wire between roles: protobuf messages and gRPC services, generated from {@code
 * src/main/proto}; this file is the only one written by hand.
 *
 * <p><b>May import</b> protobuf and gRPC. <b>Must not</b> import anything of ours.
 *
 * <p><b>Always true:</b> a field number is never reused, and a retired one is reserved.
 */
@NullMarked
package io.equator.proto;

import org.jspecify.annotations.NullMarked;
