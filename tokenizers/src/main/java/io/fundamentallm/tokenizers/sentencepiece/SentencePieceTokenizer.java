package io.fundamentallm.tokenizers.sentencepiece;

import io.fundamentallm.text.ChatTemplate;
import io.fundamentallm.text.EncodingOptions;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.tokenizers.chat.JinjaChatTemplate;
import io.fundamentallm.tokenizers.huggingface.TokenizerConfig;
import io.fundamentallm.tokenizers.model.ByteStrings;
import io.fundamentallm.tokenizers.pipeline.AddedToken;
import io.fundamentallm.tokenizers.pipeline.AddedTokens;
import io.fundamentallm.tokenizers.pipeline.BosEosProcessor;
import io.fundamentallm.tokenizers.pipeline.Pipeline;
import io.fundamentallm.tokenizers.pipeline.PipelineTokenizer;
import io.fundamentallm.tokenizers.pipeline.TokenForms;
import io.fundamentallm.tokenizers.sentencepiece.SentencePieceModel.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Builds a tokenizer around a SentencePiece model. Control pieces are its control tokens; each part
 * of a text between them is encoded as a separate text, dummy prefix included.
 */
public final class SentencePieceTokenizer {
  private SentencePieceTokenizer() {}

  /**
   * Reads a {@code .model} file, and the files beside it.
   *
   * @throws IOException if it cannot be read or is broken; the message says where
   */
  public static Tokenizer read(Path file) throws IOException {
    byte[] bytes = SentencePieceReader.bytes(file);
    SentencePieceFiles.requireModel(file, bytes);
    SentencePieceModel model = SentencePieceReader.parse(file.toString(), bytes);
    Path directory = file.toAbsolutePath().getParent();
    TokenizerConfig config = TokenizerConfig.in(directory == null ? Path.of("") : directory);
    SentencePieceConfig flags = SentencePieceConfig.read(config.file());
    TokenForms.Roles roles =
        new TokenForms.Roles(
            role(model, config.bos(), model.bos(), config, "bos_token"),
            role(model, config.eos(), model.eos(), config, "eos_token"),
            role(model, config.pad(), model.pad(), config, "pad_token"),
            role(model, config.unk(), model.unknown(), config, "unk_token"));
    BosEosProcessor boundary = flags.boundary(roles);
    SentencePieceFiles files =
        new SentencePieceFiles(bytes, model, roles, boundary, config.chatTemplate());
    try {
      return of(model, roles, boundary, config.chatTemplate(), config.templateFile(), files);
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  private static @Nullable Integer role(
      SentencePieceModel model,
      @Nullable String form,
      int defaultId,
      TokenizerConfig config,
      String role)
      throws IOException {
    if (form == null) {
      return defaultId < 0 ? null : Integer.valueOf(defaultId);
    }
    for (int id = 0; id < model.size(); id++) {
      if (model.piece(id).equals(form)) {
        return id;
      }
    }
    throw new IOException(
        config.file() + ", " + role + ": \"" + form + "\" is not a piece of the model");
  }

  /** A tokenizer of these parts. */
  public static Tokenizer of(
      SentencePieceModel read,
      TokenForms.Roles roles,
      BosEosProcessor boundary,
      @Nullable String chatTemplate,
      Path templateFile,
      Pipeline.Files files) {
    Set<Integer> special = special(read, roles);
    SentencePieceModel model = withControl(read, special);
    Map<Integer, String> odd = new HashMap<>();
    List<AddedToken> added = new ArrayList<>();
    ByteStrings.Builder strings = new ByteStrings.Builder(model.size());
    for (int id = 0; id < model.size(); id++) {
      boolean inText = SentencePieceVocabulary.inText(model.kinds()[id]);
      strings.add(model.pieces()[id], !inText);
      if (!inText) {
        odd.put(id, model.piece(id));
      }
      // written out, the unknown token is meant too, as in llama.cpp and Hugging Face's library
      if (special.contains(id) || model.kinds()[id] == Kind.UNKNOWN) {
        added.add(AddedToken.special(id, model.piece(id)));
      }
    }
    ByteStrings built = strings.build();
    TokenForms forms = new TokenForms(built, false, odd, special, roles);
    return new PipelineTokenizer(
        new Pipeline(
            new AddedTokens(added, Set.of(), null),
            SentencePieceNormalizer.of(model),
            null,
            model.segmenter(),
            boundary,
            new SentencePieceDecoder(model, special),
            built,
            forms,
            template(chatTemplate, templateFile, forms),
            EncodingOptions.builder().addSpecialTokens(true).build(),
            files,
            "SentencePiece " + model.type() + " tokenizer, " + forms.size() + " tokens"));
  }

  /** Pieces with a role are control tokens, whatever their kind; only unknown can be a result. */
  private static Set<Integer> special(SentencePieceModel model, TokenForms.Roles roles) {
    Set<Integer> special = new HashSet<>();
    for (int id = 0; id < model.size(); id++) {
      if (model.kinds()[id] == Kind.CONTROL) {
        special.add(id);
      }
    }
    for (@Nullable Integer role : new @Nullable Integer[] {roles.bos(), roles.eos(), roles.pad()}) {
      if (role != null) {
        special.add(role);
      }
    }
    return special;
  }

  private static SentencePieceModel withControl(SentencePieceModel model, Set<Integer> special) {
    Kind[] kinds = model.kinds().clone();
    for (int id : special) {
      if (SentencePieceVocabulary.inText(kinds[id])) {
        kinds[id] = Kind.CONTROL;
      }
    }
    return model.withKinds(kinds);
  }

  /**
   * A chat template that knows the roles' tokens.
   *
   * @param file which a fault in it names
   */
  public static Optional<ChatTemplate> template(
      @Nullable String template, Path file, TokenForms forms) {
    if (template == null) {
      return Optional.empty();
    }
    Map<String, String> variables = new HashMap<>();
    forms.bos().ifPresent(id -> variables.put("bos_token", forms.token(id)));
    forms.eos().ifPresent(id -> variables.put("eos_token", forms.token(id)));
    forms.pad().ifPresent(id -> variables.put("pad_token", forms.token(id)));
    forms.unk().ifPresent(id -> variables.put("unk_token", forms.token(id)));
    return Optional.of(new JinjaChatTemplate(template, variables, file));
  }
}
