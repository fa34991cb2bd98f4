package io.fundamentallm.tokenizers;

import io.fundamentallm.spi.Options;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.tokenizers.huggingface.TokenizerDesign;
import io.fundamentallm.tokenizers.text.PrintableBytes;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * {@code byte}: one token for each byte of the text in UTF-8, as in ByT5 (Xue et al.: "ByT5:
 * towards a token-free future with pre-trained byte-to-byte models", TACL 2022). The id of a byte
 * is its value, 0 to 255. After them come the special tokens: {@code <|begin|>} 256, {@code
 * <|end|>} 257, {@code <|pad|>} 258.
 *
 * <p>Every text has an encoding, and any sequence of bytes is a sequence of tokens; nothing is
 * unknown. {@code byte(special=false)} leaves the special tokens out.
 *
 * <p>On disk it is a byte-level BPE without merges, which Hugging Face's library reads to the same
 * ids; there and in the vocabulary's written forms each byte is the character that GPT-2's
 * vocabulary gives it.
 */
public final class ByteProvider extends LearningProvider {
  /** Used by {@link java.util.ServiceLoader}, or to add this kind to a registry by hand. */
  public ByteProvider() {}

  @Override
  public String name() {
    return "byte";
  }

  @Override
  public Tokenizer learn(Iterable<? extends CharSequence> texts, Options options) {
    List<String> special = options.flag("special", true) ? LearningOptions.SPECIAL : List.of();
    List<String> forms =
        Stream.concat(
                IntStream.range(0, PrintableBytes.SIZE).mapToObj(PrintableBytes::form),
                special.stream())
            .toList();
    return TokenizerDesign.of(
            "null",
            String.format(BpeRecipe.BYTE_LEVEL, false, false),
            "null",
            String.format(BpeRecipe.BYTE_LEVEL, true, true),
            BpeRecipe.model("", "", null, false))
        .with(special, forms, null, List.of());
  }
}
