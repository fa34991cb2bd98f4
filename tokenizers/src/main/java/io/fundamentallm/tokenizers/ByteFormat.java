package io.fundamentallm.tokenizers;

import com.fasterxml.jackson.core.JsonGenerator;
import io.fundamentallm.tokenizers.huggingface.TokenizerConfig;
import io.fundamentallm.tokenizers.huggingface.TokenizerJson;
import io.fundamentallm.tokenizers.json.JsonTree;
import io.fundamentallm.tokenizers.pipeline.PrintableBytes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A byte tokenizer on disk: a BPE model without merges behind a ByteLevel pre-tokenizer. */
final class ByteFormat {
  private ByteFormat() {}

  /** The tokenizer that a file describes; null where it is of another kind. */
  static @Nullable ByteTokenizer read(TokenizerJson json, TokenizerConfig config)
      throws IOException {
    JsonTree split = json.components().get("pre_tokenizer");
    JsonTree decoder = json.components().get("decoder");
    if (!SimpleFile.is(json, config)
        || decoder.isNull()
        || !decoder.get("type").text().equals("ByteLevel")
        || json.model().get("unk_token").textOrNull() != null
        || split.isNull()
        || !split.get("type").text().equals("ByteLevel")
        || split.get("add_prefix_space").flag(true)
        || !json.modelType().equals("BPE")
        || !json.merges().isEmpty()) {
      return null;
    }
    Set<String> special = SpecialRoles.special(json);
    Set<String> rest = new HashSet<>(Arrays.asList(json.forms()));
    rest.removeAll(special);
    for (int b = 0; b < PrintableBytes.SIZE; b++) {
      if (!rest.remove(PrintableBytes.form(b))) {
        return null;
      }
    }
    if (!rest.isEmpty()) {
      return null;
    }
    SpecialRoles roles = SpecialRoles.of(config, special);
    return new ByteTokenizer(new TokenTable(Arrays.asList(json.forms()), special, roles));
  }

  static void write(TokenTable vocabulary, Path directory) throws IOException {
    TokenizerJsonWriter.write(
        directory,
        vocabulary,
        json -> byteLevel(json, false),
        json -> byteLevel(json, true),
        TokenizerJsonWriter::bpe,
        TokenizerJsonWriter::noMerges);
  }

  /** The pre-tokenizer, or the decoder, for which these are that library's own settings. */
  private static void byteLevel(JsonGenerator json, boolean decoder) throws IOException {
    json.writeStartObject();
    json.writeStringField("type", "ByteLevel");
    json.writeBooleanField("add_prefix_space", decoder);
    json.writeBooleanField("trim_offsets", true);
    json.writeBooleanField("use_regex", decoder);
    json.writeEndObject();
  }
}
