package io.fundamentallm.langchain4j;

import static java.util.Objects.requireNonNullElse;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.internal.Json;
import dev.langchain4j.internal.JsonSchemaElementUtils;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import io.fundamentallm.text.ChatPrompt;
import io.fundamentallm.text.ChatTool;
import io.fundamentallm.text.ToolChoice;
import java.util.List;

/** LangChain4j's tools as this library's. */
final class Tools {
  private Tools() {}

  /** Whether a request has tools. */
  static boolean areIn(ChatRequestParameters parameters) {
    return !specifications(parameters).isEmpty();
  }

  /**
   * Adds the tools of a request to a prompt.
   *
   * @throws IllegalArgumentException for a tool's name that no model could write, and where a tool
   *     is required and there is none
   */
  static void addTo(ChatPrompt.Builder prompt, ChatRequestParameters parameters) {
    prompt.tools(specifications(parameters).stream().map(Tools::tool).toList());
    prompt.toolChoice(
        switch (requireNonNullElse(
            parameters.toolChoice(), dev.langchain4j.model.chat.request.ToolChoice.AUTO)) {
          case NONE -> ToolChoice.none();
          case AUTO -> ToolChoice.auto();
          case REQUIRED -> ToolChoice.required();
        });
  }

  private static List<ToolSpecification> specifications(ChatRequestParameters parameters) {
    return requireNonNullElse(parameters.toolSpecifications(), List.of());
  }

  private static ChatTool tool(ToolSpecification specification) {
    String schema =
        specification.parameters() == null
            ? "{}"
            : Json.toJson(JsonSchemaElementUtils.toMap(specification.parameters()));
    return new ChatTool(
        specification.name(), requireNonNullElse(specification.description(), ""), schema);
  }
}
