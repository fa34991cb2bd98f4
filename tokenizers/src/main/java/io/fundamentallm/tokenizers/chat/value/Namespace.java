package io.fundamentallm.tokenizers.chat.value;

import java.util.Map;

/** The one kind of value that a template may change: {@code namespace(found=false)}. */
public record Namespace(Map<String, Object> attributes) {

  // namespaces are told apart by identity, and may contain themselves
  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }
}
