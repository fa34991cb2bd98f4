package io.fundamentallm.webservice.request;

import io.fundamentallm.text.ChatPrompt;
import io.fundamentallm.text.ChatTool;
import io.fundamentallm.text.ToolChoice;
import io.fundamentallm.webservice.constraint.SchemaGuard;
import io.fundamentallm.webservice.json.Fields;
import io.fundamentallm.webservice.settings.Limits;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** What a chat request says about tools and thinking. */
final class ChatTools {
  /** As many as OpenAI allows. */
  private static final int TOOLS = 128;

  private ChatTools() {}

  /**
   * Adds it to the prompt.
   *
   * @throws io.fundamentallm.webservice.error.ApiException if something is wrong with it
   */
  static void read(Fields fields, ChatPrompt.Builder prompt, Limits limits) {
    List<ChatTool> tools = tools(fields, limits);
    try {
      prompt.tools(tools);
    } catch (IllegalArgumentException e) {
      throw fields.bad("tools", "is refused: " + e.getMessage());
    }
    prompt.toolChoice(choice(fields, tools));
    JsonNode parallel = fields.value("parallel_tool_calls");
    prompt.parallelToolCalls(parallel == null || fields.flag("parallel_tool_calls"));
    readThinking(fields, prompt, limits);
  }

  private static List<ChatTool> tools(Fields fields, Limits limits) {
    JsonNode array = fields.value("tools");
    if (array == null) {
      return List.of();
    }
    if (!array.isArray() || array.size() > TOOLS) {
      throw fields.bad("tools", "must be an array of up to " + TOOLS + " tools");
    }
    List<ChatTool> tools = new ArrayList<>();
    long length = 0;
    for (int i = 0; i < array.size(); i++) {
      Fields tool = fields.element("tools", i);
      if (!"function".equals(tool.text("type"))) {
        throw tool.bad("type", "must be function: no other tools are called here");
      }
      Fields function = tool.inner("function");
      if (function == null) {
        throw tool.bad("function", "is missing: an object with name and parameters");
      }
      ChatTool read = function(function, "tools[" + i + "].function.parameters", limits);
      tool.requireAllRead();
      length += read.name().length() + read.description().length() + read.parameters().length();
      if (length > limits.spec().toBytes()) {
        throw fields.bad(
            "tools",
            "must not have more than "
                + limits.spec().toBytes()
                + " characters of names, descriptions and schemas together");
      }
      tools.add(read);
    }
    return tools;
  }

  private static ChatTool function(Fields function, String param, Limits limits) {
    String name = function.text("name");
    String description = function.text("description");
    JsonNode parameters = function.value("parameters");
    function.flag("strict"); // the schema is always enforced
    function.requireAllRead();
    if (name == null) {
      throw function.bad("name", "is missing");
    }
    if (description != null) {
      function.requireWhole("description", description);
    }
    if (parameters != null && !parameters.isObject()) {
      throw function.bad("parameters", "must be a JSON Schema, an object");
    }
    String schema = parameters == null ? "{}" : SchemaGuard.checked(param, parameters, limits);
    try {
      return new ChatTool(name, description == null ? "" : description, schema);
    } catch (IllegalArgumentException e) {
      throw function.bad("name", "is refused: " + e.getMessage());
    }
  }

  private static ToolChoice choice(Fields fields, List<ChatTool> tools) {
    JsonNode choice = fields.value("tool_choice");
    if (choice == null) {
      return ToolChoice.auto();
    }
    if (choice.isObject()) {
      Fields named = new Fields(choice, "tool_choice.");
      named.oneOf("type", "function");
      Fields function = named.inner("function");
      String name = function == null ? null : function.text("name");
      named.requireAllRead();
      if (name == null || tools.stream().noneMatch(tool -> tool.name().equals(name))) {
        throw fields.bad("tool_choice", "must name one of the tools");
      }
      return ToolChoice.required(name);
    }
    String mode = choice.isString() ? choice.stringValue() : "";
    if (mode.equals("required") && tools.isEmpty()) {
      throw fields.bad("tool_choice", "is required, and there are no tools");
    }
    return switch (mode) {
      case "none" -> ToolChoice.none();
      case "auto" -> ToolChoice.auto();
      case "required" -> ToolChoice.required();
      default ->
          throw fields.bad(
              "tool_choice", "must be none, auto, required, or an object that names a function");
    };
  }

  private static void readThinking(Fields fields, ChatPrompt.Builder prompt, Limits limits) {
    fields.oneOf("reasoning_effort", "none", "minimal", "low", "medium", "high", "xhigh");
    String effort = fields.text("reasoning_effort");
    if ("none".equals(effort)) {
      prompt.thinkingBudget(0);
    } else if (effort != null) {
      prompt.templateArgument("reasoning_effort", effort.equals("minimal") ? "low" : effort);
      prompt.templateArgument("enable_thinking", true);
      prompt.templateArgument("thinking", true);
    }
    Long budget = fields.integer("reasoning_budget", 0, limits.maxTokens());
    if (budget != null) {
      prompt.thinkingBudget(budget.intValue());
    }
  }
}
