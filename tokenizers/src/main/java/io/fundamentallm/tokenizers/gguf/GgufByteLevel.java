package io.fundamentallm.tokenizers.gguf;

import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.tokenizers.gguf.section.GgufCuts;
import io.fundamentallm.tokenizers.gguf.section.GgufPatterns;
import io.fundamentallm.tokenizers.gguf.section.GgufTokenizer;
import io.fundamentallm.tokenizers.huggingface.Models;
import io.fundamentallm.tokenizers.huggingface.TokenizerJson;
import io.fundamentallm.tokenizers.model.ByteStrings;
import io.fundamentallm.tokenizers.pipeline.TokenForms;
import io.fundamentallm.tokenizers.text.NormalizationForm;
import io.fundamentallm.tokenizers.text.PrintableBytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Byte-level BPE as GGUF files have it: {@code gpt2}. */
final class GgufByteLevel {
  private GgufByteLevel() {}

  static Tokenizer of(Path file, GgufTokenizer gguf) throws IOException {
    String name = gguf.pre() == null ? "default" : gguf.pre();
    GgufPatterns patterns = GgufPatterns.of(name);
    if (patterns == null) {
      throw new IOException(
          file
              + ", tokenizer.ggml.pre: \""
              + name
              + "\" is not known; "
              + String.join(", ", GgufPatterns.names())
              + " are");
    }
    GgufVocabulary vocabulary =
        new GgufVocabulary(
            file,
            gguf,
            GgufTokenizers.forms(file, gguf),
            new TokenForms.Roles(
                GgufTokenizers.role(gguf, "bos", -1),
                GgufTokenizers.role(gguf, "eos", -1),
                GgufTokenizers.role(gguf, "padding", -1),
                GgufTokenizers.role(gguf, "unknown", -1)));
    ByteStrings strings = strings(vocabulary);
    TokenForms forms = vocabulary.forms(strings, true);
    TokenizerJson json =
        vocabulary.json(
            "{\"type\": \"BPE\", \"ignore_merges\": " + patterns.wholeWords() + "}",
            merges(file, gguf));
    return vocabulary.tokenizer(
        patterns.nfc() ? NormalizationForm.NFC : null,
        GgufCuts.preTokenizer(patterns.patterns()),
        Models.of(json, strings, true, vocabulary.special()).model(),
        GgufTokenizers.boundary(gguf, vocabulary.roles(), patterns.addBos(), false),
        null,
        strings,
        forms);
  }

  private static ByteStrings strings(GgufVocabulary vocabulary) {
    ByteStrings.Builder strings = new ByteStrings.Builder(vocabulary.size());
    for (int id = 0; id < vocabulary.size(); id++) {
      String form = vocabulary.form(id);
      byte[] bytes = vocabulary.isOdd(id) ? null : PrintableBytes.read(form);
      if (bytes == null) {
        // no text has these bytes in this alphabet
        vocabulary.setOdd(id);
        strings.add(form.getBytes(StandardCharsets.UTF_8), true);
      } else {
        strings.add(bytes, false);
      }
    }
    return strings.build();
  }

  private static List<String> merges(Path file, GgufTokenizer gguf) throws IOException {
    List<String> merges = new ArrayList<>(gguf.merges().size() * 2);
    for (String pair : gguf.merges()) {
      // the first part is never empty, so a space at the beginning is part of it
      int space = pair.indexOf(' ', 1);
      if (space < 0 || space == pair.length() - 1) {
        throw new IOException(
            file
                + ", tokenizer.ggml.merges["
                + merges.size() / 2
                + "]: expected two parts and a space, found \""
                + pair
                + "\"");
      }
      merges.add(pair.substring(0, space));
      merges.add(pair.substring(space + 1));
    }
    return merges;
  }
}
