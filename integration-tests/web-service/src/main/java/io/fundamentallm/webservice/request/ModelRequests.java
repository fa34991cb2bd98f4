package io.fundamentallm.webservice.request;

import io.fundamentallm.model.Cancellation;
import io.fundamentallm.webservice.constraint.ClientSpecs;
import io.fundamentallm.webservice.constraint.ResponseFormats;
import io.fundamentallm.webservice.json.Fields;
import io.fundamentallm.webservice.model.ServedModel;
import io.fundamentallm.webservice.settings.ServiceSettings;

/** Reads what requests ask of one model. Thread-safe until closed. */
public final class ModelRequests implements AutoCloseable {
  private final ClientSpecs specs;
  private final CompletionRequests completions;
  private final ChatRequests chats;
  private final MessagesRequests messages;
  private final ResponsesRequests responses;
  private final TokenRequests tokens;

  ModelRequests(ServedModel model, ResponseFormats formats, ServiceSettings settings) {
    specs = new ClientSpecs(model.generator(), settings);
    GenerationFields fields = new GenerationFields(model, specs, formats, settings);
    completions = new CompletionRequests(model, fields, settings);
    chats = new ChatRequests(model, specs, fields, settings);
    messages = new MessagesRequests(chats);
    responses = new ResponsesRequests(chats);
    tokens = new TokenRequests(model);
  }

  /** Of {@code /v1/completions}. */
  public AnswerPlan completion(Fields fields) {
    return completions.read(fields);
  }

  /** Of {@code /v1/chat/completions}. */
  public AnswerPlan chat(Fields fields) {
    return chats.read(fields);
  }

  /** Of {@code /v1/messages}. */
  public AnswerPlan message(Fields fields) {
    return messages.read(fields);
  }

  /** Of {@code /v1/responses}. */
  public AnswerPlan response(Fields fields) {
    return responses.read(fields);
  }

  /** Answers {@code /tokenize}, in one call of the tokenizer that is not cancelled. */
  public Object tokenize(Fields fields, Cancellation cancellation) {
    return tokens.tokenize(fields);
  }

  /** Answers {@code /detokenize}, likewise. */
  public Object detokenize(Fields fields, Cancellation cancellation) {
    return tokens.detokenize(fields);
  }

  /** Answers {@code /v1/embeddings}. */
  public Object embed(Fields fields, Cancellation cancellation) {
    return tokens.embed(fields, cancellation);
  }

  /** Ends what compiles constraints. */
  @Override
  public void close() {
    specs.close();
  }
}
