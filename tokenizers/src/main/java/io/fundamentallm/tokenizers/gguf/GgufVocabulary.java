package io.fundamentallm.tokenizers.gguf;

import io.fundamentallm.text.EncodingOptions;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.tokenizers.chat.TemplateMarkers;
import io.fundamentallm.tokenizers.gguf.section.GgufTokenizer;
import io.fundamentallm.tokenizers.huggingface.TokenizerJson;
import io.fundamentallm.tokenizers.json.JsonTree;
import io.fundamentallm.tokenizers.model.ByteStrings;
import io.fundamentallm.tokenizers.model.Model;
import io.fundamentallm.tokenizers.pipeline.AddedToken;
import io.fundamentallm.tokenizers.pipeline.AddedTokens;
import io.fundamentallm.tokenizers.pipeline.Pipeline;
import io.fundamentallm.tokenizers.pipeline.PipelineTokenizer;
import io.fundamentallm.tokenizers.pipeline.PostProcessor;
import io.fundamentallm.tokenizers.pipeline.TokenForms;
import io.fundamentallm.tokenizers.sentencepiece.SentencePieceTokenizer;
import io.fundamentallm.tokenizers.split.PreTokenizer;
import io.fundamentallm.tokenizers.text.Normalizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The tokens of a GGUF file whose model finds no special tokens by itself: control tokens are
 * special, user-defined ones are found in any text, unless the chat template writes them as
 * markers. One thread at a time.
 */
final class GgufVocabulary {
  private final Path file;
  private final GgufTokenizer gguf;
  private final String[] forms;
  private final TokenForms.Roles roles;
  private final List<AddedToken> added = new ArrayList<>();
  private final Set<Integer> special = new HashSet<>();
  private final Set<String> control = new HashSet<>();

  /** Tokens that the model does not find, and those whose written form is not their bytes. */
  private final Map<Integer, String> odd = new HashMap<>();

  GgufVocabulary(Path file, GgufTokenizer gguf, String[] forms, TokenForms.Roles roles) {
    this.file = file;
    this.gguf = gguf;
    this.forms = forms;
    this.roles = roles;
    Set<Integer> named = new HashSet<>();
    for (@Nullable Integer role :
        new @Nullable Integer[] {roles.bos(), roles.eos(), roles.pad(), roles.unk()}) {
      if (role != null) {
        named.add(role);
      }
    }
    for (int id = 0; id < forms.length; id++) {
      int type = GgufTokenizers.type(gguf, id);
      boolean plays =
          named.contains(id) || type == GgufTokenizer.CONTROL || type == GgufTokenizer.UNKNOWN;
      if (plays || type == GgufTokenizer.USER_DEFINED) {
        added.add(new AddedToken(id, forms[id], false, false, false, false, plays));
        odd.put(id, forms[id]);
      } else if (type == GgufTokenizer.UNUSED) {
        odd.put(id, forms[id]);
      }
      if (plays) {
        special.add(id);
      }
    }
    String template = gguf.chatTemplate();
    if (template != null) {
      addMarkers(template);
    }
  }

  private void addMarkers(String template) {
    Map<String, Integer> ordinary = new LinkedHashMap<>();
    for (AddedToken token : added) {
      if (!token.special()) {
        ordinary.put(token.content(), token.id());
      }
    }
    Map<String, String> variables = new HashMap<>();
    name(variables, "bos_token", roles.bos());
    name(variables, "eos_token", roles.eos());
    name(variables, "pad_token", roles.pad());
    name(variables, "unk_token", roles.unk());
    control.addAll(TemplateMarkers.among(ordinary.keySet(), template, variables));
    ordinary.forEach(
        (form, id) -> {
          if (control.contains(form)) {
            special.add(id);
          }
        });
  }

  private void name(Map<String, String> variables, String role, @Nullable Integer id) {
    if (id != null) {
      variables.put(role, forms[id]);
    }
  }

  int size() {
    return forms.length;
  }

  String form(int id) {
    return forms[id];
  }

  TokenForms.Roles roles() {
    return roles;
  }

  Set<Integer> special() {
    return special;
  }

  boolean isOdd(int id) {
    return odd.containsKey(id);
  }

  void setOdd(int id) {
    odd.put(id, forms[id]);
  }

  TokenForms forms(ByteStrings strings, boolean byteLevel) {
    return new TokenForms(strings, byteLevel, odd, special, roles);
  }

  /** The file that Hugging Face's library would have for this, as far as a model depends on it. */
  TokenizerJson json(String model, List<String> merges) throws IOException {
    Map<String, Integer> ids = new HashMap<>();
    for (int id = 0; id < forms.length; id++) {
      ids.put(forms[id], id);
    }
    return new TokenizerJson(
        file,
        JsonTree.parse("{}", file),
        added,
        JsonTree.parse(model, file),
        forms,
        forms.length,
        ids,
        null,
        merges);
  }

  Tokenizer tokenizer(
      @Nullable Normalizer normalizer,
      PreTokenizer preTokenizer,
      Model model,
      PostProcessor postProcessor,
      Pipeline.@Nullable TokenDecoder decoder,
      ByteStrings strings,
      TokenForms tokenForms) {
    return new PipelineTokenizer(
        new Pipeline(
            new AddedTokens(added, control, normalizer),
            normalizer,
            preTokenizer,
            model,
            postProcessor,
            decoder,
            strings,
            tokenForms,
            SentencePieceTokenizer.template(gguf.chatTemplate(), file, tokenForms),
            EncodingOptions.builder().addSpecialTokens(true).build(),
            new GgufFiles(gguf),
            "GGUF " + gguf.model() + " tokenizer, " + forms.length + " tokens"));
  }
}
