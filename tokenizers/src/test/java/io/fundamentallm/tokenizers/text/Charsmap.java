package io.fundamentallm.tokenizers.text;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Makes small charsmaps: a double array in which each node's children have a block of their own.
 */
public final class Charsmap {
  private static final int BLOCK = 256;
  private static final int HAS_LEAF = 1 << 8;
  private static final int LEAF = 1 << 31;

  private final List<int[]> blocks = new ArrayList<>();
  private final ByteArrayOutputStream replacements = new ByteArrayOutputStream();

  private Charsmap() {
    blocks.add(new int[BLOCK]);
    blocks.add(new int[BLOCK]);
    blocks.get(0)[0] = BLOCK << 10;
  }

  /** A charsmap of strings and what replaces them, by turns. */
  public static byte[] of(String... rules) {
    Charsmap map = new Charsmap();
    for (int i = 0; i < rules.length; i += 2) {
      map.add(rules[i], rules[i + 1]);
    }
    int size = map.blocks.size() * BLOCK * 4;
    ByteBuffer out =
        ByteBuffer.allocate(4 + size + map.replacements.size()).order(ByteOrder.LITTLE_ENDIAN);
    out.putInt(size);
    map.blocks.forEach(block -> Arrays.stream(block).forEach(out::putInt));
    return out.put(map.replacements.toByteArray()).array();
  }

  private void add(String string, String replacement) {
    int block = 1;
    int[] parent = {};
    int label = 0;
    for (byte b : string.getBytes(StandardCharsets.UTF_8)) {
      parent = blocks.get(block);
      label = b & 0xFF;
      if (parent[label] == 0) {
        int offset = (block * BLOCK + label) ^ (blocks.size() * BLOCK);
        parent[label] = offset << 10 | label;
        blocks.add(new int[BLOCK]);
      }
      block = ((block * BLOCK + label) ^ (parent[label] >>> 10)) / BLOCK;
    }
    parent[label] |= HAS_LEAF;
    blocks.get(block)[0] = LEAF | replacements.size();
    replacements.writeBytes(replacement.getBytes(StandardCharsets.UTF_8));
    replacements.write(0);
  }
}
