package io.fundamentallm.internal.json;

import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/**
 * Reads a long JSON object entry by entry, so that its whole never stands in memory as a tree, and
 * the first bad entry ends the reading.
 */
public final class JsonEntries {
  /** Takes an entry. */
  @FunctionalInterface
  public interface Consumer {
    /**
     * Takes an entry.
     *
     * @throws IOException ends the reading
     */
    void accept(String name, JsonObject entry) throws IOException;
  }

  private JsonEntries() {}

  /**
   * Reads an object whose values are objects.
   *
   * @param place names the file in errors
   * @param offset of the text's first byte in the file
   * @param maxValues that an entry may have
   * @param skipped an entry that may be as long as it likes, and is not kept
   */
  public static void read(
      String text, String place, long offset, int maxValues, String skipped, Consumer consumer)
      throws IOException {
    Json json = new Json(text, maxValues);
    Set<String> names = new HashSet<>();
    try {
      boolean more = json.enter();
      while (more) {
        String name = json.key(names);
        names.add(name);
        boolean kept = !name.equals(skipped);
        Object value = json.entry(kept);
        JsonObject entry = JsonObject.entry(place, name, value);
        if (kept) {
          consumer.accept(name, entry);
        }
        more = json.hasNext();
      }
      json.requireEnd();
    } catch (IllegalArgumentException e) {
      throw JsonObject.malformed(text, json, place, offset, e);
    }
  }
}
