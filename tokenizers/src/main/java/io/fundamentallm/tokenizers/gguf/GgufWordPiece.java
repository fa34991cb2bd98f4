package io.fundamentallm.tokenizers.gguf;

import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.tokenizers.gguf.section.GgufTokenizer;
import io.fundamentallm.tokenizers.huggingface.PostProcessors;
import io.fundamentallm.tokenizers.json.JsonTree;
import io.fundamentallm.tokenizers.model.ByteStrings;
import io.fundamentallm.tokenizers.model.Model;
import io.fundamentallm.tokenizers.model.WordPiece;
import io.fundamentallm.tokenizers.pipeline.DecoderChain;
import io.fundamentallm.tokenizers.pipeline.PostProcessor;
import io.fundamentallm.tokenizers.pipeline.TokenForms;
import io.fundamentallm.tokenizers.split.BertSplit;
import io.fundamentallm.tokenizers.text.BertNormalizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * WordPiece as GGUF files have it: {@code bert}. llama.cpp's converter writes U+2581 before what
 * begins a word and drops the {@code ##} of what continues one; this restores BERT's forms. The
 * file does not say whether text is lower-cased: it is if no token has an ASCII capital letter.
 */
final class GgufWordPiece {
  private static final char MARK = '\u2581';
  private static final String CONTINUING = "##";
  private static final int MAX_CHARACTERS = 100;

  private GgufWordPiece() {}

  static Tokenizer of(Path file, GgufTokenizer gguf) throws IOException {
    String[] forms = forms(file, gguf);
    Integer unknown = role(gguf, "unknown", "[UNK]", forms);
    Integer begin = gguf.id("bos") >= 0 ? Integer.valueOf(gguf.id("bos")) : null;
    begin = begin == null ? role(gguf, "cls", "[CLS]", forms) : begin;
    // the key is spelled this way
    Integer end = role(gguf, "seperator", "[SEP]", forms);
    if (unknown == null || begin == null || end == null) {
      throw new IOException(file + ", tokenizer.ggml.tokens: no [UNK], [CLS] or [SEP]");
    }
    GgufVocabulary vocabulary =
        new GgufVocabulary(
            file,
            gguf,
            forms,
            new TokenForms.Roles(
                GgufTokenizers.role(gguf, "bos", -1), // [CLS] begins no generation by itself
                GgufTokenizers.role(gguf, "eos", -1),
                role(gguf, "padding", "[PAD]", forms),
                unknown));
    ByteStrings.Builder builder = new ByteStrings.Builder(forms.length);
    for (int id = 0; id < forms.length; id++) {
      builder.add(forms[id].getBytes(StandardCharsets.UTF_8), vocabulary.isOdd(id));
    }
    ByteStrings strings = builder.build();
    TokenForms tokenForms = vocabulary.forms(strings, false);
    Model model = new WordPiece(strings, unknown, CONTINUING, MAX_CHARACTERS);
    return vocabulary.tokenizer(
        new BertNormalizer(true, true, null, !hasCapital(gguf)),
        BertSplit.INSTANCE,
        model,
        postProcessor(file, gguf, tokenForms, begin, end),
        new DecoderChain(tokenForms, List.of(DecoderChain.wordPiece(CONTINUING, true))),
        strings,
        tokenForms);
  }

  private static String[] forms(Path file, GgufTokenizer gguf) throws IOException {
    String[] forms = GgufTokenizers.forms(file, gguf);
    for (int id = 0; id < forms.length; id++) {
      String form = forms[id];
      if (form.charAt(0) == MARK && form.length() > 1) {
        forms[id] = form.substring(1);
      } else if (!(form.startsWith("[") && form.endsWith("]"))) {
        forms[id] = CONTINUING + form;
      }
    }
    GgufTokenizers.requireDistinct(file, forms);
    return forms;
  }

  private static @Nullable Integer role(
      GgufTokenizer gguf, String role, String defaultForm, String[] forms) {
    if (gguf.id(role) >= 0) {
      return gguf.id(role);
    }
    int found = List.of(forms).indexOf(defaultForm);
    return found < 0 ? null : Integer.valueOf(found);
  }

  private static boolean hasCapital(GgufTokenizer gguf) {
    for (String token : gguf.tokens()) {
      if (token.length() == 2 && token.charAt(0) == MARK) {
        char c = token.charAt(1);
        if (c >= 'A' && c <= 'Z') {
          return true;
        }
      }
    }
    return false;
  }

  private static PostProcessor postProcessor(
      Path file, GgufTokenizer gguf, TokenForms forms, int begin, int end) throws IOException {
    if (Boolean.FALSE.equals(gguf.flag("add_bos_token"))) {
      return PostProcessor.none();
    }
    String json =
        String.format(
            "{\"type\": \"BertProcessing\", \"cls\": [\"\", %d], \"sep\": [\"\", %d]}", begin, end);
    return PostProcessors.of(JsonTree.parse(json, file), forms);
  }
}
