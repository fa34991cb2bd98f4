package io.fundamentallm.internal.json;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** JSON Pointers as fragments of a URI (RFC 6901, section 6), as {@code $ref} has them. */
public final class JsonPointer {
  private JsonPointer() {}

  /**
   * What a reference within a document points at; null if that is nothing.
   *
   * @param document maps, lists and scalars
   * @param reference {@code #}, or a path that begins with {@code #/}; others point at nothing
   * @throws IllegalArgumentException for a {@code %} without two hexadecimal digits behind it
   */
  public static @Nullable Object target(@Nullable Object document, String reference) {
    if (!reference.equals("#") && !reference.startsWith("#/")) {
      return null;
    }
    Object at = document;
    String[] names = reference.split("/", -1);
    for (int i = 1; i < names.length; i++) {
      String name =
          URLDecoder.decode(names[i].replace("+", "%2B"), StandardCharsets.UTF_8)
              .replace("~1", "/")
              .replace("~0", "~");
      if (at instanceof Map<?, ?> object) {
        at = object.get(name);
      } else if (at instanceof List<?> list && name.matches("[0-9]{1,9}")) {
        int index = Integer.parseInt(name);
        at = index < list.size() ? list.get(index) : null;
      } else {
        return null;
      }
    }
    return at;
  }
}
