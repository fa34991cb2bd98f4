package io.fundamentallm.tokenizers;

import io.fundamentallm.tokenizers.huggingface.TokenizerConfig;
import io.fundamentallm.tokenizers.huggingface.TokenizerJson;
import io.fundamentallm.tokenizers.json.JsonTree;
import io.fundamentallm.tokenizers.pipeline.AddedToken;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the files of character and byte tokenizers have in common. A file that says more, and be it
 * only in a detail that these tokenizers would pass over, is the general reader's.
 */
final class SimpleFile {
  private SimpleFile() {}

  /** Whether a file says nothing that a character or byte tokenizer does not do. */
  static boolean is(TokenizerJson json, TokenizerConfig config) throws IOException {
    for (String part : List.of("normalizer", "post_processor", "truncation", "padding")) {
      if (!json.components().get(part).isNull()) {
        return false;
      }
    }
    return config.chatTemplate() == null
        && Arrays.stream(json.forms()).noneMatch(form -> form == null)
        && json.added().stream().allMatch(SimpleFile::isFoundAsWritten)
        && namesOnly(SpecialRoles.special(json), config)
        && isEmpty(json.model().get("continuing_subword_prefix"))
        && isEmpty(json.model().get("end_of_word_suffix"));
  }

  private static boolean isFoundAsWritten(AddedToken token) {
    return !token.singleWord() && !token.lstrip() && !token.rstrip();
  }

  /** Whether every role is that of a special token; the general reader makes others special. */
  private static boolean namesOnly(Set<String> special, TokenizerConfig config) {
    for (@Nullable String role :
        new @Nullable String[] {config.bos(), config.eos(), config.pad(), config.unk()}) {
      if (role != null && !special.contains(role)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isEmpty(JsonTree affix) throws IOException {
    String text = affix.textOrNull();
    return text == null || text.isEmpty();
  }
}
