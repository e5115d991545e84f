import java.io.Reader;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.LowerCaseFilter;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.ar.ArabicAnalyzer;
import org.apache.lucene.analysis.bg.BulgarianAnalyzer;
import org.apache.lucene.analysis.bn.BengaliAnalyzer;
import org.apache.lucene.analysis.br.BrazilianAnalyzer;
import org.apache.lucene.analysis.ca.CatalanAnalyzer;
import org.apache.lucene.analysis.charfilter.MappingCharFilter;
import org.apache.lucene.analysis.charfilter.NormalizeCharMap;
import org.apache.lucene.analysis.cjk.CJKAnalyzer;
import org.apache.lucene.analysis.ckb.SoraniAnalyzer;
import org.apache.lucene.analysis.core.WhitespaceTokenizer;
import org.apache.lucene.analysis.cz.CzechAnalyzer;
import org.apache.lucene.analysis.da.DanishAnalyzer;
import org.apache.lucene.analysis.de.GermanAnalyzer;
import org.apache.lucene.analysis.el.GreekAnalyzer;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.analysis.es.SpanishAnalyzer;
import org.apache.lucene.analysis.et.EstonianAnalyzer;
import org.apache.lucene.analysis.eu.BasqueAnalyzer;
import org.apache.lucene.analysis.fa.PersianAnalyzer;
import org.apache.lucene.analysis.fi.FinnishAnalyzer;
import org.apache.lucene.analysis.fr.FrenchAnalyzer;
import org.apache.lucene.analysis.ga.IrishAnalyzer;
import org.apache.lucene.analysis.gl.GalicianAnalyzer;
import org.apache.lucene.analysis.hi.HindiAnalyzer;
import org.apache.lucene.analysis.hu.HungarianAnalyzer;
import org.apache.lucene.analysis.hy.ArmenianAnalyzer;
import org.apache.lucene.analysis.id.IndonesianAnalyzer;
import org.apache.lucene.analysis.it.ItalianAnalyzer;
import org.apache.lucene.analysis.lt.LithuanianAnalyzer;
import org.apache.lucene.analysis.lv.LatvianAnalyzer;
import org.apache.lucene.analysis.miscellaneous.ASCIIFoldingFilter;
import org.apache.lucene.analysis.miscellaneous.LengthFilter;
import org.apache.lucene.analysis.nl.DutchAnalyzer;
import org.apache.lucene.analysis.no.NorwegianAnalyzer;
import org.apache.lucene.analysis.pattern.PatternCaptureGroupTokenFilter;
import org.apache.lucene.analysis.pattern.PatternTokenizer;
import org.apache.lucene.analysis.pt.PortugueseAnalyzer;
import org.apache.lucene.analysis.ro.RomanianAnalyzer;
import org.apache.lucene.analysis.ru.RussianAnalyzer;
import org.apache.lucene.analysis.sr.SerbianAnalyzer;
import org.apache.lucene.analysis.sv.SwedishAnalyzer;
import org.apache.lucene.analysis.th.ThaiAnalyzer;
import org.apache.lucene.analysis.tr.TurkishAnalyzer;
import org.elasticsearch.common.regex.Regex;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.index.analysis.AbstractIndexAnalyzerProvider;
import org.elasticsearch.index.analysis.AbstractTokenFilterFactory;
import org.elasticsearch.index.analysis.AnalyzerProvider;
import org.elasticsearch.index.analysis.CharFilterFactory;
import org.elasticsearch.index.analysis.NormalizingTokenFilterFactory;
import org.elasticsearch.index.analysis.PreConfiguredTokenFilter;
import org.elasticsearch.index.analysis.TokenFilterFactory;
import org.elasticsearch.index.analysis.TokenizerFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;
import org.elasticsearch.plugins.AnalysisPlugin;
import org.elasticsearch.plugins.Plugin;

/**
 * The part of Elasticsearch's analysis-common module that the project's index templates use, under that module's names: every
 * distribution has the module, Maven Central has not. All analysis is Lucene's. An option that this does not know is refused,
 * for a template that means something else here than on a full Elasticsearch would make the tests worthless.
 */
public final class Analysis extends Plugin implements AnalysisPlugin {
  @Override
  public Map<String, AnalysisProvider<TokenizerFactory>> getTokenizers() {
    return Map.of(
        "pattern", (index, environment, name, settings) -> {
          only(name, settings, "pattern", "flags", "group");
          Pattern pattern = Regex.compile(settings.get("pattern", "\\W+"), settings.get("flags"));
          int group = settings.getAsInt("group", -1);
          return TokenizerFactory.newFactory(name, () -> new PatternTokenizer(pattern, group));
        },
        "whitespace", (index, environment, name, settings) -> {
          only(name, settings, "max_token_length");
          int longest = settings.getAsInt("max_token_length", 255);
          return TokenizerFactory.newFactory(name, () -> new WhitespaceTokenizer(longest));
        });
  }

  /** Rules are written as `a => b`, with \\uXXXX for any character, as that module reads them. */
  @Override
  public Map<String, AnalysisProvider<CharFilterFactory>> getCharFilters() {
    return Map.of("mapping", (index, environment, name, settings) -> {
      only(name, settings, "mappings");
      NormalizeCharMap.Builder rules = new NormalizeCharMap.Builder();
      for (String rule : settings.getAsList("mappings")) {
        String[] sides = rule.split("=>", -1);
        if (sides.length != 2) {
          throw new IllegalArgumentException("[" + name + "]: not a rule: [" + rule + "]");
        }
        rules.add(unescaped(sides[0].trim()), unescaped(sides[1].trim()));
      }
      NormalizeCharMap map = rules.build();
      return new CharFilterFactory() {
        @Override
        public String name() {
          return name;
        }

        @Override
        public Reader create(Reader text) {
          return new MappingCharFilter(map, text);
        }
      };
    });
  }

  private static String unescaped(String side) {
    return Pattern.compile("\\\\u([0-9a-fA-F]{4})").matcher(side)
        .replaceAll(found -> Matcher.quoteReplacement(String.valueOf((char) Integer.parseInt(found.group(1), 16))));
  }

  @Override
  public Map<String, AnalysisProvider<TokenFilterFactory>> getTokenFilters() {
    return Map.of(
        "asciifolding", (index, environment, name, settings) -> {
          only(name, settings, "preserve_original");
          boolean keep = settings.getAsBoolean("preserve_original", false);
          // With the original kept it is no function of one token, and Elasticsearch does not let normalizers use it.
          return keep ? filter(name, tokens -> new ASCIIFoldingFilter(tokens, true)) : normalizing(name, ASCIIFoldingFilter::new);
        },
        "lowercase", (index, environment, name, settings) -> {
          only(name, settings);
          return normalizing(name, LowerCaseFilter::new);
        },
        "length", (index, environment, name, settings) -> {
          only(name, settings, "min", "max");
          int min = settings.getAsInt("min", 0);
          int max = settings.getAsInt("max", Integer.MAX_VALUE);
          return filter(name, tokens -> new LengthFilter(tokens, min, max));
        },
        "pattern_capture", (index, environment, name, settings) -> {
          only(name, settings, "patterns", "preserve_original");
          Pattern[] patterns = settings.getAsList("patterns").stream().map(Pattern::compile).toArray(Pattern[]::new);
          boolean keep = settings.getAsBoolean("preserve_original", true);
          return filter(name, tokens -> new PatternCaptureGroupTokenFilter(tokens, keep, patterns));
        });
  }

  /** Those usable without a definition; the core has `lowercase` itself. */
  @Override
  public List<PreConfiguredTokenFilter> getPreConfiguredTokenFilters() {
    return List.of(
        PreConfiguredTokenFilter.singleton("asciifolding", true, ASCIIFoldingFilter::new),
        PreConfiguredTokenFilter.singleton("length", false, tokens -> new LengthFilter(tokens, 0, Integer.MAX_VALUE)));
  }

  @Override
  public Map<String, AnalysisProvider<AnalyzerProvider<? extends Analyzer>>> getAnalyzers() {
    Map<String, AnalysisProvider<AnalyzerProvider<? extends Analyzer>>> all = new TreeMap<>();
    all.put("arabic", language(ArabicAnalyzer::new));
    all.put("armenian", language(ArmenianAnalyzer::new));
    all.put("basque", language(BasqueAnalyzer::new));
    all.put("bengali", language(BengaliAnalyzer::new));
    all.put("brazilian", language(BrazilianAnalyzer::new));
    all.put("bulgarian", language(BulgarianAnalyzer::new));
    all.put("catalan", language(CatalanAnalyzer::new));
    all.put("cjk", language(CJKAnalyzer::new));
    all.put("czech", language(CzechAnalyzer::new));
    all.put("danish", language(DanishAnalyzer::new));
    all.put("dutch", language(DutchAnalyzer::new));
    all.put("english", language(EnglishAnalyzer::new));
    all.put("estonian", language(EstonianAnalyzer::new));
    all.put("finnish", language(FinnishAnalyzer::new));
    all.put("french", language(FrenchAnalyzer::new));
    all.put("galician", language(GalicianAnalyzer::new));
    all.put("german", language(GermanAnalyzer::new));
    all.put("greek", language(GreekAnalyzer::new));
    all.put("hindi", language(HindiAnalyzer::new));
    all.put("hungarian", language(HungarianAnalyzer::new));
    all.put("indonesian", language(IndonesianAnalyzer::new));
    all.put("irish", language(IrishAnalyzer::new));
    all.put("italian", language(ItalianAnalyzer::new));
    all.put("latvian", language(LatvianAnalyzer::new));
    all.put("lithuanian", language(LithuanianAnalyzer::new));
    all.put("norwegian", language(NorwegianAnalyzer::new));
    all.put("persian", language(PersianAnalyzer::new));
    all.put("portuguese", language(PortugueseAnalyzer::new));
    all.put("romanian", language(RomanianAnalyzer::new));
    all.put("russian", language(RussianAnalyzer::new));
    all.put("serbian", language(SerbianAnalyzer::new));
    all.put("sorani", language(SoraniAnalyzer::new));
    all.put("spanish", language(SpanishAnalyzer::new));
    all.put("swedish", language(SwedishAnalyzer::new));
    all.put("thai", language(ThaiAnalyzer::new));
    all.put("turkish", language(TurkishAnalyzer::new));
    return all;
  }

  private static <A extends Analyzer> AnalysisProvider<AnalyzerProvider<? extends Analyzer>> language(Supplier<A> make) {
    return (index, environment, name, settings) -> {
      only(name, settings);
      A analyzer = make.get();
      return new AbstractIndexAnalyzerProvider<A>(name) {
        @Override
        public A get() {
          return analyzer;
        }
      };
    };
  }

  private static TokenFilterFactory filter(String name, Function<TokenStream, TokenStream> make) {
    return new AbstractTokenFilterFactory(name) {
      @Override
      public TokenStream create(TokenStream tokens) {
        return make.apply(tokens);
      }
    };
  }

  private static TokenFilterFactory normalizing(String name, Function<TokenStream, TokenStream> make) {
    final class Normalizing extends AbstractTokenFilterFactory implements NormalizingTokenFilterFactory {
      Normalizing() {
        super(name);
      }

      @Override
      public TokenStream create(TokenStream tokens) {
        return make.apply(tokens);
      }
    }
    return new Normalizing();
  }

  private static void only(String name, Settings settings, String... known) {
    for (String key : settings.keySet()) {
      if (!key.equals("type") && !key.startsWith("index.") && !List.of(known).contains(key)) {
        throw new IllegalArgumentException("[" + name + "]: the test node's analysis does not know the option [" + key + "]");
      }
    }
  }
}
