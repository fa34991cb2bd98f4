package io.fundamentallm.tokenizers.pipeline;

import io.fundamentallm.text.Encoding;
import io.fundamentallm.tokenizers.text.PrintableBytes;
import io.fundamentallm.tokenizers.unicode.Unicode;
import org.jspecify.annotations.Nullable;

/**
 * Trims white space at the ends of byte-level tokens from their offsets, before another
 * post-processor: Hugging Face's process_offsets (tokenizers, pre_tokenizers/byte_level.rs).
 *
 * @param next what lays out
 * @param forms the vocabulary
 * @param addPrefixSpace whether a space was put before the text, so that the first space of the
 *     first token is not part of the text
 */
public record TrimmedOffsets(PostProcessor next, TokenForms forms, boolean addPrefixSpace)
    implements PostProcessor {
  @Override
  public Encoding process(Encoding first, @Nullable Encoding second, boolean addSpecialTokens) {
    trim(first);
    if (second != null) {
      trim(second);
    }
    return next.process(first, second, addSpecialTokens);
  }

  private void trim(Encoding encoding) {
    int[] starts = encoding.starts();
    int[] ends = encoding.ends();
    if (starts == null || ends == null) {
      return;
    }
    for (int i = 0; i < starts.length; i++) {
      String form = forms.token(encoding.ids()[i]);
      int leading = 0;
      while (leading < form.length() && isSpace(form.charAt(leading))) {
        leading++;
      }
      int trailing = 0;
      while (trailing < form.length() && isSpace(form.charAt(form.length() - 1 - trailing))) {
        trailing++;
      }
      if (leading > 0) {
        // if there are several, none was added
        boolean prefix = addPrefixSpace && leading == 1 && (i == 0 || starts[i] == 0);
        starts[i] = Math.min(starts[i] + (prefix ? 0 : leading), ends[i]);
      }
      if (trailing > 0 && ends[i] >= trailing) {
        ends[i] = Math.max(ends[i] - trailing, starts[i]);
      }
    }
  }

  /**
   * The byte of a space, or in an added token white space; other bytes are not white space here.
   */
  private static boolean isSpace(char c) {
    return c == PrintableBytes.of(' ') || Unicode.isWhiteSpace(c);
  }

  @Override
  public int added(boolean pair) {
    return next.added(pair);
  }
}
