package io.fundamentallm.springai;

import io.fundamentallm.Registry;
import io.fundamentallm.TextEmbedder;
import io.fundamentallm.TextGenerator;
import io.micrometer.observation.ObservationRegistry;
import org.springframework.ai.chat.observation.ChatModelObservationConvention;
import org.springframework.ai.embedding.observation.EmbeddingModelObservationConvention;
import org.springframework.ai.model.SpringAIModelProperties;
import org.springframework.ai.model.tool.ToolCallingManager;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * Beans from properties: a {@link TextGenerator} of the directory {@code fundamentallm.model},
 * which is closed with the context, and the models of Spring AI on it. Each gives way to an
 * application's own bean of its type.
 *
 * <p>The chat model exists unless {@code spring.ai.model.chat} names a provider other than {@code
 * fundamentallm}. The embedding model exists only if {@code spring.ai.model.embedding} names {@code
 * fundamentallm}, since most chat models are not made for embeddings.
 */
@AutoConfiguration(
    afterName = "org.springframework.ai.model.tool.autoconfigure.ToolCallingAutoConfiguration",
    beforeName =
        "org.springframework.ai.model.chat.client.autoconfigure.ChatClientAutoConfiguration")
@EnableConfigurationProperties(FundamentaLlmProperties.class)
public class FundamentaLlmAutoConfiguration {
  /** For Spring. */
  public FundamentaLlmAutoConfiguration() {}

  /** Loaded when the first model needs it, so never if there is none. */
  @Bean
  @Lazy
  @ConditionalOnMissingBean
  TextGenerator fundamentaLlmTextGenerator(
      FundamentaLlmProperties properties, ConfigurableEnvironment environment) {
    PropertyNames.check(environment);
    return ConfiguredGenerator.load(properties);
  }

  @Bean
  @ConditionalOnMissingBean
  @ConditionalOnProperty(
      name = SpringAIModelProperties.CHAT_MODEL,
      havingValue = ChatRequests.PROVIDER,
      matchIfMissing = true)
  FundamentaLlmChatModel fundamentaLlmChatModel(
      TextGenerator generator,
      FundamentaLlmProperties properties,
      ConfigurableEnvironment environment,
      ObjectProvider<ToolCallingManager> tools,
      ObjectProvider<ObservationRegistry> observations,
      ObjectProvider<ChatModelObservationConvention> convention) {
    PropertyNames.check(environment); // the generator may be the application's own
    ConfiguredGenerator.checkOptions(properties, Registry.standard());
    FundamentaLlmChatModel.Builder builder =
        FundamentaLlmChatModel.builder(generator).options(properties.options());
    tools.ifUnique(builder::toolCallingManager);
    observations.ifUnique(builder::observationRegistry);
    convention.ifAvailable(builder::observationConvention);
    try {
      return builder.build();
    } catch (IllegalStateException e) {
      if (properties.model() == null) {
        throw e; // the generator is the application's own
      }
      throw ConfiguredGenerator.invalid("model", properties.model(), e.getMessage(), e);
    }
  }

  @Bean
  @ConditionalOnMissingBean
  @ConditionalOnProperty(
      name = SpringAIModelProperties.EMBEDDING_MODEL,
      havingValue = ChatRequests.PROVIDER)
  FundamentaLlmEmbeddingModel fundamentaLlmEmbeddingModel(
      TextGenerator generator,
      FundamentaLlmProperties properties,
      ObjectProvider<ObservationRegistry> observations,
      ObjectProvider<EmbeddingModelObservationConvention> convention) {
    FundamentaLlmEmbeddingModel.Builder builder =
        FundamentaLlmEmbeddingModel.builder(
            TextEmbedder.of(generator.tokenizer(), generator.model()), generator.model().info());
    String name = properties.nameOfModel();
    if (name != null) {
      builder.modelName(name);
    }
    observations.ifUnique(builder::observationRegistry);
    convention.ifAvailable(builder::observationConvention);
    return builder.build();
  }
}
