package io.equator.model.key;

import io.equator.proto.ScalarType;

/** One attribute of a primary or index key: its name and the only type that its values may have. */
public record KeyAttribute(String name, ScalarType type) {}
