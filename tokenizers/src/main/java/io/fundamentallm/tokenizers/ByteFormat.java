package io.fundamentallm.tokenizers;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** A byte tokenizer on disk: a BPE model without merges behind a ByteLevel pre-tokenizer. */
final class ByteFormat {
  private ByteFormat() {}

  static ByteTokenizer read(TokenizerJson json) throws IOException {
    TokenizerJson.Component split = json.preTokenizer();
    if (split == null || !split.type().equals("ByteLevel")) {
      throw new OtherKindException("its pre-tokenizer is not ByteLevel");
    }
    if (!json.model().type().equals("BPE")) {
      throw new OtherKindException("its model is " + json.model().type() + ", not BPE");
    }
    if (json.normalizer() != null) {
      throw new OtherKindException("it has a normalizer, so it does not keep every byte");
    }
    if (split.on("add_prefix_space")) {
      throw new OtherKindException("it puts a space before the text (add_prefix_space)");
    }
    Set<String> rest = new HashSet<>(json.forms());
    for (int b = 0; b < ByteAlphabet.SIZE; b++) {
      if (!rest.remove(ByteAlphabet.form(b))) {
        throw new IOException(
            String.format(
                "%s, model.vocab: no token for the byte 0x%02X, written \"%s\"",
                json.file(), b, ByteAlphabet.form(b)));
      }
    }
    rest.removeAll(json.special());
    if (!rest.isEmpty()) {
      throw new OtherKindException(
          "the token \"" + rest.iterator().next() + "\" is neither a byte nor special");
    }
    SpecialRoles roles = TokenizerConfig.beside(json.file(), json.special());
    return new ByteTokenizer(new TokenTable(json.forms(), json.special(), roles));
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
