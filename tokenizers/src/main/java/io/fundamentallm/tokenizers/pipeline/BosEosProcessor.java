package io.fundamentallm.tokenizers.pipeline;

import io.fundamentallm.text.Encoding;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Puts a token before each text, after each, or both, as Hugging Face's LlamaTokenizer and
 * T5Tokenizer do. The second text has the type id 1.
 *
 * @param bos begins a text, or -1
 * @param eos ends a text, or -1
 */
public record BosEosProcessor(int bos, int eos) implements PostProcessor {
  @Override
  public Encoding process(Encoding first, @Nullable Encoding second, boolean addSpecialTokens) {
    List<Encoding> parts = new ArrayList<>();
    add(first, 0, addSpecialTokens, parts);
    if (second != null) {
      add(second, 1, addSpecialTokens, parts);
    }
    return Encoding.joined(parts);
  }

  private void add(Encoding text, int typeId, boolean addSpecialTokens, List<Encoding> parts) {
    boolean offsets = text.starts() != null;
    if (addSpecialTokens && bos >= 0) {
      parts.add(Encoding.added(bos, typeId, offsets));
    }
    parts.add(text.withTypeId(typeId));
    if (addSpecialTokens && eos >= 0) {
      parts.add(Encoding.added(eos, typeId, offsets));
    }
  }

  @Override
  public int added(boolean pair) {
    return ((bos >= 0 ? 1 : 0) + (eos >= 0 ? 1 : 0)) * (pair ? 2 : 1);
  }
}
