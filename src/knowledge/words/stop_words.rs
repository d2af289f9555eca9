//! Words that say nothing about what a question is about: the grammar of the big languages, and the manners of
//! support messages.

use super::all_words;
use std::{collections::HashSet, sync::LazyLock};

const ENGLISH: &str = "a about above after again all also am an and any anybody anyone anything are arent as at be because \
been before being below both but by came can cannot cant could couldnt did didnt do does doesnt doing done dont down \
each either else even ever every everything few for from further get gets getting go goes going gone got had has hasnt have havent \
having he her here hers him his how however i id if ill im in into is isnt it its itself ive just keep keeps kind let lets like \
make makes many may maybe me might mine more most much must my myself need needs neither no nor not of off \
on once one only onto or other others our ours out over own per please put quite rather really s same say says see seem seems shall she should \
shouldnt since so some somebody someone something somewhere still such sure t take than that thats the their theirs them \
then there theres these they theyre thing things this those though through to too try trying u until up upon us use used very via \
want wanted wants was wasnt way we well went were werent weve what whatever whats when where wheres whether which while who whole \
whom whose why will with within without wont would wouldnt yet you your youre yours ur \
hello hi hey dear thanks thank thx cheers regards kindly pls plz help hope question morning afternoon evening team guys \
know tell wonder wondering possible possibly able actually currently exactly basically anyway somehow already now today";

const SPANISH: &str = "el la los las un una unos unas de del al a ante con contra desde en entre hacia hasta para por segun sin \
sobre y e o u ni pero mas si no que cual cuales quien quienes como cuando donde cuanto cuanta cuantos cuantas porque \
yo tu el ella nosotros ustedes ellos me te se nos le les lo mi mis su sus nuestro nuestra este esta estos estas ese esa eso \
esto aquel es son soy eres somos era ser estar estoy esta estan hay he ha han haber tengo tiene tienen tener puedo puede pueden poder \
quiero quisiera necesito hacer hago hace muy ya tambien hola gracias buenos buenas dias tardes favor ayuda saber";

const FRENCH: &str = "le la les l un une des du de d a au aux en dans par pour sur sous avec sans chez entre vers et ou ni mais \
donc car si ne pas plus que qui quoi quel quelle quels quelles comment quand combien pourquoi je j tu il elle on nous vous \
ils elles me m te t se s lui leur mon ma mes ton ta tes son sa ses notre nos votre vos ce cet cette ces c ca est sont suis es \
etes etait etre ai as avons avez ont avoir peux peut pouvez pouvons puis veux veut voudrais faire fait dois doit y tres aussi \
bonjour merci salut svp plait aide savoir";

const GERMAN: &str = "der die das den dem des ein eine einen einem einer eines und oder aber denn weil dass ob wenn als wie wo \
was wer wen wem wann warum wieso woher wohin welche welcher welches ich du er sie es wir ihr mich dich sich uns euch mir dir \
ihm ihnen mein meine meinen meinem meiner dein deine sein seine unser unsere euer eure ihre ist sind bin bist seid war waren \
sein habe hat haben hatte kann koennen konnen kannst konnt konnte muss mussen mochte mochten will wollen soll sollen darf \
werden wird wurde im in an am auf aus bei beim mit nach seit von vom vor zu zum zur fur gegen ohne um durch uber unter nicht kein \
keine nur auch noch schon sehr mal bitte danke hallo guten tag gruss grusse hilfe man da hier dort dann machen";

const PORTUGUESE: &str = "o a os as um uma uns umas de do da dos das em no na nos nas por pelo pela para com sem sob sobre entre \
ate e ou nem mas se que qual quais quem como quando onde quanto quantos porque eu tu voce ele ela nos voces eles elas me te se \
lhe meu minha meus minhas seu sua seus suas nosso nossa este esta esse essa isso isto aquele e sao sou era ser estar estou \
esta estao ha tenho tem ter posso pode podem poder quero queria preciso fazer faco nao sim muito ja tambem ola oi obrigado \
obrigada bom boa dia tarde favor ajuda saber";

const ITALIAN: &str = "il lo la i gli le un uno una di del dello della dei degli delle a al allo alla ai alle da dal dalla in \
nel nella nei nelle con su sul sulla per tra fra e ed o ma se non che chi cui quale quali come quando dove quanto quanti \
perche io tu lui lei noi voi loro mi ti si ci vi mio mia miei mie tuo suo sua nostro vostro questo questa questi queste \
quello quella e sono sei siamo era essere sto sta ho hai ha abbiamo hanno avere posso puo possiamo potere voglio vorrei devo \
fare faccio molto gia anche ciao grazie buongiorno salve favore aiuto sapere";

const DUTCH: &str = "de het een en of maar want dat die dit deze als dan omdat om te van voor in op aan bij met naar uit over onder \
tot door zonder ik jij je u hij zij ze wij we jullie hen mij me jou ons mijn jouw uw zijn haar onze is ben bent was waren \
heb hebt heeft hebben kan kunnen kunt moet moeten mag mogen wil willen zal zullen word wordt worden wat wie waar wanneer \
waarom hoe welke niet geen ook nog al wel er hier daar hallo bedankt alstublieft graag hulp weten";

/// The grammar lists, English first: it wins where a message is too short to tell.
static LISTS: LazyLock<Vec<HashSet<&'static str>>> = LazyLock::new(|| {
    [ENGLISH, SPANISH, FRENCH, GERMAN, PORTUGUESE, ITALIAN, DUTCH]
        .iter()
        .map(|list| list.split_whitespace().collect())
        .collect()
});

/// Place in [`LISTS`] of the language whose grammar words occur most; the first of equals: English.
fn language_of(words: &[String]) -> usize {
    let hits = |list: &HashSet<&str>| words.iter().filter(|word| list.contains(word.as_str())).count();
    (0..LISTS.len()).rev().max_by_key(|&index| hits(&LISTS[index])).unwrap_or(0)
}

/// Whether a text is in a language that gives every noun a capital: German.
pub fn capitalises_nouns(text: &str) -> bool {
    LISTS[language_of(&all_words(text))].contains("ich")
}

/// Words that carry the question's subject, each once, in order. The language is the one whose grammar words occur
/// most. When every word is grammar, all are given: there is nothing better to search for.
pub fn informative_words(text: &str) -> Vec<String> {
    let words = all_words(text);
    let is_stop_word = |word: &str| LISTS[language_of(&words)].contains(word);
    let mut seen = HashSet::new();
    let mut informative: Vec<String> =
        words.iter().filter(|word| !is_stop_word(word) && seen.insert(word.as_str())).cloned().collect();
    // A single letter says nothing, a single digit may.
    informative
        .retain(|word| word.chars().count() > 1 || word.chars().all(char::is_numeric) || !word.is_ascii());
    if informative.is_empty() { words } else { informative }
}
