package io.fundamentallm.tokenizers.huggingface;

import com.fasterxml.jackson.core.JsonGenerator;
import io.fundamentallm.tokenizers.gguf.section.GgufTokenizer;
import io.fundamentallm.tokenizers.json.JsonFile;
import io.fundamentallm.tokenizers.json.JsonTree;
import io.fundamentallm.tokenizers.model.PairTable;
import io.fundamentallm.tokenizers.pipeline.AddedToken;
import io.fundamentallm.tokenizers.pipeline.Pipeline;
import io.fundamentallm.tokenizers.pipeline.TokenForms;
import java.io.IOException;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Writes {@code tokenizer.json} in the order of keys that Hugging Face's library writes, and {@code
 * tokenizer_config.json} beside it.
 */
final class TokenizerFiles implements Pipeline.Files {
  private static final List<String> BEFORE_TOKENS = List.of("version", "truncation", "padding");
  private static final List<String> AFTER_TOKENS =
      List.of("normalizer", "pre_tokenizer", "post_processor", "decoder");

  private final JsonTree components;
  private final JsonTree settings;
  private final BitSet inModel = new BitSet();
  private final @Nullable String chatTemplate;
  private final List<AddedToken> added;
  private final TokenForms forms;
  private final Models.Built model;

  /**
   * The files of a tokenizer.
   *
   * @param components with the layout that the configuration asks for, as what is written beside
   *     them says nothing of it
   */
  TokenizerFiles(
      TokenizerJson json,
      JsonTree components,
      TokenizerConfig config,
      List<AddedToken> added,
      TokenForms forms,
      Models.Built model) {
    this.components = components;
    settings = json.model();
    json.ids().values().forEach(inModel::set);
    chatTemplate = config.chatTemplate();
    this.added = added;
    this.forms = forms;
    this.model = model;
  }

  @Override
  public void write(Path directory) throws IOException {
    writeJson(directory);
    TokenizerConfig.write(
        directory,
        form(forms.bos()),
        form(forms.eos()),
        form(forms.pad()),
        specialUnk(),
        chatTemplate);
  }

  @Override
  public void writeJson(Pipeline parts, Path directory) throws IOException {
    writeJson(directory);
  }

  private void writeJson(Path directory) throws IOException {
    JsonFile.write(
        directory.resolve(TokenizerJson.NAME),
        json -> {
          json.writeStartObject();
          components(json, BEFORE_TOKENS);
          addedTokens(json);
          components(json, AFTER_TOKENS);
          json.writeObjectFieldStart("model");
          for (String key : settings.keys()) {
            json.writeFieldName(key);
            settings.get(key).write(json);
          }
          vocabulary(json);
          merges(json);
          json.writeEndObject();
          json.writeEndObject();
        });
  }

  @Override
  public GgufTokenizer gguf(Pipeline parts) {
    try {
      return GgufForm.of(parts, components, settings, model, inModel, added, chatTemplate);
    } catch (IOException e) { // of a file that was read before
      throw new UnsupportedOperationException(e.getMessage(), e);
    }
  }

  private void components(JsonGenerator json, List<String> keys) throws IOException {
    for (String key : keys) {
      json.writeFieldName(key);
      components.get(key).write(json);
    }
  }

  private void addedTokens(JsonGenerator json) throws IOException {
    json.writeArrayFieldStart("added_tokens");
    for (AddedToken token : added) {
      json.writeStartObject();
      json.writeNumberField("id", token.id());
      json.writeStringField("content", token.content());
      json.writeBooleanField("single_word", token.singleWord());
      json.writeBooleanField("lstrip", token.lstrip());
      json.writeBooleanField("rstrip", token.rstrip());
      json.writeBooleanField("normalized", token.normalized());
      json.writeBooleanField("special", token.special());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private void vocabulary(JsonGenerator json) throws IOException {
    double[] scores = model.scores();
    if (scores == null) {
      json.writeObjectFieldStart("vocab");
      for (int id = inModel.nextSetBit(0); id >= 0; id = inModel.nextSetBit(id + 1)) {
        json.writeNumberField(forms.token(id), id);
      }
      json.writeEndObject();
      return;
    }
    json.writeArrayFieldStart("vocab");
    for (int id = 0; id < scores.length; id++) {
      json.writeStartArray();
      json.writeString(forms.token(id));
      json.writeNumber(scores[id]);
      json.writeEndArray();
    }
    json.writeEndArray();
  }

  private void merges(JsonGenerator json) throws IOException {
    PairTable merges = model.merges();
    if (merges == null) {
      return;
    }
    int[] pairs = merges.ranked();
    json.writeArrayFieldStart("merges");
    for (int i = 0; i < pairs.length; i += 2) {
      if (pairs[i] >= 0) {
        json.writeStartArray();
        json.writeString(forms.token(pairs[i]));
        json.writeString(forms.token(pairs[i + 1]));
        json.writeEndArray();
      }
    }
    json.writeEndArray();
  }

  /** The model itself says what stands for unknown text; naming it here would make it special. */
  private @Nullable String specialUnk() {
    OptionalInt unk = forms.unk();
    return unk.isPresent() && forms.special().contains(unk.getAsInt()) ? form(unk) : null;
  }

  private @Nullable String form(OptionalInt id) {
    return id.isPresent() ? forms.token(id.getAsInt()) : null;
  }
}
