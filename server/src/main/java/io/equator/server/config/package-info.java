/**
 * The configuration file of {@code equator serve}: one YAML file, every key also an environment
 * variable, checked at the door.
 *
 * <p><b>Always true:</b> a key that is not known, or a value that makes no sense, keeps the process
 * from starting, and the sentence names the key, the value and what would be right. Values of
 * secrets are never shown.
 */
@NullMarked
package io.equator.server.config;

import org.jspecify.annotations.NullMarked;
