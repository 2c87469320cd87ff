// Registries, profiles, stacks and families of profiles, for programs that profilec evaluates:
//
//     local ep = import 'engineprofiles.libsonnet';
//
// docs/jsonnet.md has the examples. Texts are joined by `+`: `%` is slow in the C++ engine.

local text(value) = if std.isString(value) then '`' + value + '`' else 'a value of type ' + std.type(value);
local listed(values) = std.join(', ', ['`' + value + '`' for value in values]);
local list(value) = if std.isArray(value) then value else [value];
local without_null(object) = { [key]: object[key] for key in std.objectFields(object) if object[key] != null };

local profile_fields =
  ['display_name', 'description', 'stack', 'inference_settings', 'extensions', 'metadata', 'slug'];

// A profile, or the reason why a value is none.
local checked(value, where) =
  if !std.isObject(value) then error where + ' is ' + text(value) + ', where a profile is wanted'
  else
    local unknown = [key for key in std.objectFields(value) if !std.member(profile_fields, key)];
    if std.length(unknown) == 0 then value
    else error where + ' has the key ' + listed(unknown) + ', which no profile has: '
               + 'settings stand below `inference_settings`, or in `ep.profile(settings={…})`';

// `changes` over `base`, by the rules that layers merge by: mappings key by key, everything else replaces.
local overlaid(base, changes, path) =
  if std.isObject(base) && std.isObject(changes) && path != '/inference_settings/model_info/cost' then
    base + {
      [key]: if std.objectHas(base, key) then overlaid(base[key], changes[key], path + '/' + key) else changes[key]
      for key in std.objectFields(changes)
    }
  else changes;

local merged(parts) =
  std.foldl(
    function(below, part)
      if std.isObject(part) then overlaid(below, part, '/inference_settings')
      else error 'ep.profile: `settings` holds ' + text(part) + ', where an object, or a list of objects, is wanted',
    list(parts),
    {}
  );

local is_name(name) =
  std.isString(name) && name != '' && !std.member('0123456789', name[0])
  && std.all([std.member('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_', c)
              for c in std.stringChars(name)]);

// Objects of profiles as one. The names are compared as they are written; profilec compares slugs.
local joined(where, parts) =
  local objects = [
    if std.isObject(part) then part
    else error where + ': the profiles hold ' + text(part) + ', where an object of profiles by name is wanted'
    for part in list(parts)
  ];
  local names = std.sort(std.flatMap(std.objectFields, objects));
  local twice = std.set([names[i] for i in std.range(1, std.length(names) - 1) if names[i] == names[i - 1]]);
  if std.length(twice) > 0 then error where + ': two of the objects of profiles have ' + listed(twice)
  else std.foldl(function(all, part) all + part, objects, {});

{
  local ep = self,

  // A registry. `profiles` is an object, profiles by name, or a list of such objects, families for example.
  registry(slug, profiles, display_name=null, description=null, metadata=null)::
    if !std.isString(slug) then error 'ep.registry: `slug` is ' + text(slug) + ', where a text is wanted'
    else
      local where = 'ep.registry(\'' + slug + '\')';
      local all = joined(where, profiles);
      // Checked here, so that the error is at the call.
      assert std.all([
        std.isObject(checked(all[name], where + ': the profile `' + name + '`'))
        for name in std.objectFields(all)
      ]);
      without_null({ slug: slug, display_name: display_name, description: description, metadata: metadata })
      + { profiles: all },

  // A profile: `settings` are the inference settings, or a list of which later ones lie over earlier ones;
  // `stack` is what it stacks on, one or a list, from base to leaf, each as `ep.on` takes it.
  profile(settings=null, stack=null, display_name=null, description=null, extensions=null, metadata=null)::
    without_null({
      display_name: display_name,
      description: description,
      stack: if stack == null then null else [ep.on(each) for each in list(stack)],
      inference_settings: if settings == null then null else merged(settings),
      extensions: extensions,
      metadata: metadata,
    }),

  // An entry of a stack: 'profile' of the same registry, or 'registry/profile'.
  on(name)::
    if std.isObject(name) && std.objectHas(name, 'profile_slug') then name
    else if !std.isString(name) then error 'ep.on: ' + text(name) + ' stands where \'registry/profile\' is wanted'
    else
      local parts = std.split(name, '/');
      if std.length(parts) > 2 || std.member(parts, '') then
        error 'ep.on: ' + text(name) + ' is neither \'profile\' nor \'registry/profile\''
      else if std.length(parts) == 1 then { profile_slug: name }
      else { registry_slug: parts[0], profile_slug: parts[1] },

  // `changes` over a profile, by the rules that layers merge by. A null takes a setting away.
  overlay(profile, changes)::
    overlaid(checked(profile, 'ep.overlay: the profile'), checked(changes, 'ep.overlay: what lies over it'), ''),

  // Profiles by name, all over one base. `base` is a profile; or the name of one, which they stack on; or a function
  // from a variant's name to either. `variants` is an object, changes by name; or a list of such objects, of which
  // every combination is made, its names joined by `separator`. An empty name adds nothing to the name.
  family(base, variants, separator='-')::
    local dimensions = [
      if std.isObject(each) then each
      else error 'ep.family: the variants hold ' + text(each) + ', where an object of changes by name is wanted'
      for each in list(variants)
    ];
    local combined = std.foldl(
      function(all, dimension) [
        {
          name: each.name + (if each.name == '' || key == '' then '' else separator) + key,
          changes: each.changes + [dimension[key]],
        }
        for each in all
        for key in std.objectFields(dimension)
      ],
      dimensions,
      [{ name: '', changes: [] }]
    );
    local below(name) =
      local made = if std.isFunction(base) then base(name) else base;
      if std.isString(made) || (std.isObject(made) && std.objectHas(made, 'profile_slug'))
      then ep.profile(stack=made) else made;
    joined('ep.family', [
      if each.name == '' then error 'ep.family: a variant has no name'
      else { [each.name]: std.foldl(ep.overlay, each.changes, below(each.name)) }
      for each in combined
    ]),

  // Parts of settings, to be given to `ep.profile` one by one or in a list.
  settings:: {
    // One field by its path: ep.settings.set('chat.temperature', 0.2). A list of keys where a key has a dot.
    set(path, value)::
      std.foldr(
        function(key, inner) { [key]: inner },
        if std.isString(path) then std.split(path, '.') else path,
        value
      ),
    // Who is asked, and for which model.
    model(api_type, engine):: { chat: { api_type: api_type, engine: engine } },
    // The credential of a kind of API, as `ep.env` or `ep.file` refers to it.
    credential(api_type, reference)::
      if std.isString(reference) && std.startsWith(reference, '${')
      then { api: { api_keys: { [api_type + '-api-key']: reference } } }
      // The value may be the credential itself.
      else error 'ep.settings.credential: the credential of `' + api_type + '` is not a reference: '
                 + 'write `ep.env(\'NAME\')` or `ep.file(\'PATH\')`',
    // The address of a kind of API.
    base_url(api_type, url):: { api: { base_urls: { [api_type + '-base-url']: url } } },
  },

  // A reference to a credential in an environment variable, or in a file: looked up when an engine is built.
  env(name)::
    if is_name(name) then '${env:' + name + '}'
    else error 'ep.env: ' + text(name) + ' is not the name of an environment variable',
  file(path)::
    if std.isString(path) && path != '' then '${file:' + path + '}'
    else error 'ep.file: ' + text(path) + ' is not a path',

  // An extension: ep.extension('acme.routing', 1, { tier: 'standard' }).
  extension(name, version, payload):: { [name + '@v' + version]: payload },
}
