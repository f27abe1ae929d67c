/**
 * The cluster as containers of the image that users run, behind the same port as the one of
 * processes.
 *
 * <p><b>May import</b> Testcontainers, which shows nowhere else. <b>Always true:</b> what Docker
 * lacks on a machine is a reason to skip, said in words, never a failure.
 */
@org.jspecify.annotations.NullMarked
package io.equator.chaos.containers;
