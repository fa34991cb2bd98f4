package io.fundamentallm.tokenizers.tiktoken;

import io.fundamentallm.tokenizers.gguf.section.GgufCuts;
import io.fundamentallm.tokenizers.gguf.section.GgufSection;
import io.fundamentallm.tokenizers.gguf.section.GgufTokenizer;
import io.fundamentallm.tokenizers.pipeline.Pipeline;
import io.fundamentallm.tokenizers.split.PreTokenizer;
import io.fundamentallm.tokenizers.text.PrintableBytes;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Ranks as merges. A token's merge is of the last two parts that are left when its bytes are merged
 * by lower ranks alone.
 */
final class TiktokenGguf {
  private TiktokenGguf() {}

  static GgufTokenizer of(Pipeline parts, int ranks, BitSet leftOut) {
    GgufSection section = new GgufSection("gpt2", parts.strings().size(), false);
    // as characters, so that parts of tokens are keys
    Map<String, Integer> ids = new HashMap<>();
    for (int id = 0; id < ranks; id++) {
      if (!leftOut.get(id)) {
        String form = PrintableBytes.write(parts.strings().bytes(id));
        ids.put(form, id);
        section.token(id, form, GgufTokenizer.NORMAL);
      }
    }
    List<String> merges = new ArrayList<>();
    for (int id = 0; id < ranks; id++) {
      String merge = leftOut.get(id) ? null : merge(parts.strings().bytes(id), id, ids);
      if (merge != null) {
        merges.add(merge);
      }
    }
    section.merges(merges);
    for (int id : parts.forms().special()) {
      section.token(id, parts.forms().token(id), GgufTokenizer.CONTROL);
    }
    PreTokenizer cutter = parts.preTokenizer();
    // llama.cpp's cuts are followed by whole words only for some names; ranks imply them anyway
    section.pre(cutter == null ? "default" : GgufCuts.name(cutter, false, false));
    section.roles(parts.forms());
    section.set("add_bos_token", parts.added(false) >= 0);
    section.set("add_eos_token", parts.added(true) >= 0);
    return section.build();
  }

  /** The last two parts of a token; null if it is a byte, or is never made of others. */
  private static @Nullable String merge(byte[] bytes, int rank, Map<String, Integer> ids) {
    List<String> parts = new ArrayList<>();
    for (char c : PrintableBytes.write(bytes).toCharArray()) {
      parts.add(String.valueOf(c));
    }
    while (parts.size() > 2) {
      int best = rank;
      int at = -1;
      for (int i = 0; i + 1 < parts.size(); i++) {
        int found = ids.getOrDefault(parts.get(i) + parts.get(i + 1), rank);
        if (found < best) {
          best = found;
          at = i;
        }
      }
      if (at < 0) {
        return null;
      }
      parts.set(at, parts.get(at) + parts.remove(at + 1));
    }
    return parts.size() == 2 ? parts.get(0) + " " + parts.get(1) : null;
  }
}
