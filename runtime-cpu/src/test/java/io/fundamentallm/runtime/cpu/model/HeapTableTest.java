package io.fundamentallm.runtime.cpu.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The README's table of heaps is what the error of a heap that is too small would say. */
@Tag("once")
class HeapTableTest {
  /** Bits of a weight: Q4_K_M as it comes out for Llamas; the others are exact. */
  private static final double[] BITS = {4.9, 8.5, 16};

  private static final double[] BILLIONS = {0.5, 1.1, 1.7, 3, 4, 8};

  private static String cell(double bytes) {
    HeapRoom room = new HeapRoom();
    room.add((long) bytes);
    long mebibytes = room.enough(0);
    String heap = mebibytes < 2048 ? mebibytes + "m" : (mebibytes + 1023) / 1024 + "g";
    return String.format(Locale.ROOT, "%s (%.1f GB)", heap, bytes * 1e-9);
  }

  private static List<String> table() {
    List<String> lines = new ArrayList<>();
    lines.add("| weights | Q4_K_M | Q8_0 | BF16, F16 |");
    lines.add("|---|---|---|---|");
    for (double size : BILLIONS) {
      String row = size < 1.5 || size % 1 != 0 ? String.valueOf(size) : String.valueOf((int) size);
      StringBuilder line = new StringBuilder("| " + row + " billion |");
      for (double bits : BITS) {
        line.append(' ').append(cell(size * 1e9 * bits / 8)).append(" |");
      }
      lines.add(line.toString());
    }
    return lines;
  }

  @Test
  void the_page_has_the_table_of_the_rule() throws IOException {
    assertThat(Files.readString(Path.of("README.md"))).contains(String.join("\n", table()));
  }
}
