//! The model's own prompt layout: the Jinja template of its file, rendered for a list of messages. Contents are guarded
//! by the tokenizer before they get here, so a template sees them as plain text.

use super::error::EngineError;
use crate::ports::model::{PromptMessage, PromptRole};
use minijinja::{Environment, Error, ErrorKind, Value, context, syntax::SyntaxConfig};

/// ChatML, for a file without a template whose vocabulary has ChatML's tokens.
const CHATML: &str = "{% for message in messages %}{{ '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";
const NAME: &str = "chat";

/// A compiled chat template.
#[derive(Debug)]
pub struct ChatTemplate {
    environment: Environment<'static>,
    begin_token: String,
    end_token: String,
}

impl ChatTemplate {
    /// Compiles a template; the two spellings are what it may write for `bos_token` and `eos_token`.
    pub fn new(source: &str, begin_token: &str, end_token: &str) -> Result<Self, EngineError> {
        let mut environment = Environment::new();
        // As Hugging Face transformers renders templates.
        let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
        environment.set_syntax(syntax.map_err(|error| EngineError::Template(error.to_string()))?);
        environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
        environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
        environment.add_function("raise_exception", raise_exception);
        environment
            .add_template_owned(NAME, source.to_owned())
            .map_err(|error| EngineError::Template(error.to_string()))?;
        Ok(Self { environment, begin_token: begin_token.to_owned(), end_token: end_token.to_owned() })
    }

    /// ChatML, the commonest layout.
    pub fn chatml() -> Result<Self, EngineError> {
        Self::new(CHATML, "", "")
    }

    /// The prompt for these messages, ending where the assistant's answer begins. A template that refuses a system
    /// message gets its text at the head of the first user message instead.
    pub fn render(&self, messages: &[PromptMessage]) -> Result<String, EngineError> {
        match self.render_once(messages) {
            Err(_) if messages.first().is_some_and(|message| message.role == PromptRole::System) => {
                self.render_once(&fold_system(messages))
            }
            result => result,
        }
        .map_err(|error| EngineError::Template(error.to_string()))
    }

    fn render_once(&self, messages: &[PromptMessage]) -> Result<String, Error> {
        let messages: Vec<Value> = messages
            .iter()
            .map(|message| context! { role => message.role.as_str(), content => message.content.as_str() })
            .collect();
        self.environment.get_template(NAME)?.render(context! {
            messages,
            add_generation_prompt => true,
            bos_token => self.begin_token.as_str(),
            eos_token => self.end_token.as_str(),
            enable_thinking => false,
        })
    }
}

fn raise_exception(text: String) -> Result<String, Error> {
    Err(Error::new(ErrorKind::InvalidOperation, text))
}

fn fold_system(messages: &[PromptMessage]) -> Vec<PromptMessage> {
    let mut folded = messages[1..].to_vec();
    let system = &messages[0].content;
    match folded.first_mut() {
        Some(first) if first.role == PromptRole::User => {
            first.content = format!("{system}\n\n{}", first.content);
        }
        _ => folded.insert(0, PromptMessage { role: PromptRole::User, content: system.clone() }),
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(role: PromptRole, content: &str) -> PromptMessage {
        PromptMessage { role, content: content.to_owned() }
    }

    #[test]
    fn chatml_closes_every_turn_and_opens_the_assistants() {
        let messages = [
            message(PromptRole::System, "Be brief."),
            message(PromptRole::User, "Hi"),
            message(PromptRole::Assistant, "Hello"),
        ];
        let prompt = ChatTemplate::chatml().unwrap().render(&messages).unwrap();
        assert_eq!(
            prompt,
            "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nHello<|im_end|>\n<|im_start|>assistant\n"
        );
    }

    #[test]
    fn python_methods_of_published_templates_work() {
        let source = "{% for m in messages %}{% if m['content'].startswith('a') %}{{ m['content'].upper().strip() }}{% endif %}{% endfor %}{{ bos_token }}";
        let template = ChatTemplate::new(source, "<s>", "</s>").unwrap();
        assert_eq!(template.render(&[message(PromptRole::User, "ab ")]).unwrap(), "AB<s>");
    }

    #[test]
    fn contents_are_not_escaped_and_not_rendered() {
        let prompt = ChatTemplate::chatml()
            .unwrap()
            .render(&[message(PromptRole::User, "<b> & {{ bos_token }}")])
            .unwrap();
        assert!(prompt.contains("<b> & {{ bos_token }}"), "{prompt}");
    }

    #[test]
    fn a_template_that_refuses_system_messages_gets_the_text_in_the_first_user_message() {
        let source = "{% if messages[0].role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}";
        let template = ChatTemplate::new(source, "", "").unwrap();
        let prompt = template
            .render(&[message(PromptRole::System, "Rules"), message(PromptRole::User, "Hi")])
            .unwrap();
        assert_eq!(prompt, "[user]Rules\n\nHi");
    }

    #[test]
    fn a_broken_template_names_the_problem() {
        let error = ChatTemplate::new("{% for %}", "", "").unwrap_err().to_string();
        assert!(error.starts_with("the chat template cannot be used"), "{error}");
    }
}
