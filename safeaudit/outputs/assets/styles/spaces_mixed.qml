<!DOCTYPE qgis>
<qgis version="3.22" styleCategories="Symbology">
  <renderer-v2 type="RuleRenderer" symbollevels="1" forceraster="0" enableorderby="0">
    <rules>
      <rule label="Spaces" filter="geometry_type($$geometry) = 'Polygon'">
        <rule label="Not audited" filter="&quot;state&quot; = 'not_audited'" symbol="0"/>
        <rule label="Audited, but too little answered" filter="&quot;state&quot; &lt;&gt; 'not_audited' AND &quot;${column}&quot; IS NULL" symbol="1"/>
        <rule label="Grey edge: seen long ago" filter="&quot;state&quot; = 'stale' AND &quot;${column}&quot; IS NOT NULL" symbol="2"/>
        <rule label="${column}" filter="&quot;state&quot; IN ('audited', 'stale', 'estimated') AND &quot;${column}&quot; IS NOT NULL">
          <rule label="${band_1}" filter="&quot;${column}&quot; &lt; ${cut_1}" symbol="3"/>
          <rule label="${band_2}" filter="&quot;${column}&quot; &gt;= ${cut_1} AND &quot;${column}&quot; &lt; ${cut_2}" symbol="4"/>
          <rule label="${band_3}" filter="&quot;${column}&quot; &gt;= ${cut_2} AND &quot;${column}&quot; &lt; ${cut_3}" symbol="5"/>
          <rule label="${band_4}" filter="&quot;${column}&quot; &gt;= ${cut_3}" symbol="6"/>
        </rule>
        <rule label="${column}, few ratings (dashed)" filter="&quot;state&quot; = 'few' AND &quot;${column}&quot; IS NOT NULL">
          <rule label="${band_1}" filter="&quot;${column}&quot; &lt; ${cut_1}" symbol="7"/>
          <rule label="${band_2}" filter="&quot;${column}&quot; &gt;= ${cut_1} AND &quot;${column}&quot; &lt; ${cut_2}" symbol="8"/>
          <rule label="${band_3}" filter="&quot;${column}&quot; &gt;= ${cut_2} AND &quot;${column}&quot; &lt; ${cut_3}" symbol="9"/>
          <rule label="${band_4}" filter="&quot;${column}&quot; &gt;= ${cut_3}" symbol="10"/>
        </rule>
        <rule label="Worst level of an indicator seen" filter="&quot;level_0&quot; IS NOT NULL" symbol="11" scalemaxdenom="5000" scalemindenom="0"/>
      </rule>
      <rule label="Spaces known as points" filter="geometry_type($$geometry) = 'Point'">
        <rule label="Not audited" filter="&quot;state&quot; = 'not_audited'" symbol="12"/>
        <rule label="Audited, but too little answered" filter="&quot;state&quot; &lt;&gt; 'not_audited' AND &quot;${column}&quot; IS NULL" symbol="13"/>
        <rule label="Grey edge: seen long ago" filter="&quot;state&quot; = 'stale' AND &quot;${column}&quot; IS NOT NULL" symbol="14"/>
        <rule label="${column}" filter="&quot;state&quot; IN ('audited', 'stale', 'estimated') AND &quot;${column}&quot; IS NOT NULL">
          <rule label="${band_1}" filter="&quot;${column}&quot; &lt; ${cut_1}" symbol="15"/>
          <rule label="${band_2}" filter="&quot;${column}&quot; &gt;= ${cut_1} AND &quot;${column}&quot; &lt; ${cut_2}" symbol="16"/>
          <rule label="${band_3}" filter="&quot;${column}&quot; &gt;= ${cut_2} AND &quot;${column}&quot; &lt; ${cut_3}" symbol="17"/>
          <rule label="${band_4}" filter="&quot;${column}&quot; &gt;= ${cut_3}" symbol="18"/>
        </rule>
        <rule label="${column}, few ratings (white inside)" filter="&quot;state&quot; = 'few' AND &quot;${column}&quot; IS NOT NULL">
          <rule label="${band_1}" filter="&quot;${column}&quot; &lt; ${cut_1}" symbol="19"/>
          <rule label="${band_2}" filter="&quot;${column}&quot; &gt;= ${cut_1} AND &quot;${column}&quot; &lt; ${cut_2}" symbol="20"/>
          <rule label="${band_3}" filter="&quot;${column}&quot; &gt;= ${cut_2} AND &quot;${column}&quot; &lt; ${cut_3}" symbol="21"/>
          <rule label="${band_4}" filter="&quot;${column}&quot; &gt;= ${cut_3}" symbol="22"/>
        </rule>
        <rule label="Worst level of an indicator seen" filter="&quot;level_0&quot; IS NOT NULL" symbol="23" scalemaxdenom="5000" scalemindenom="0"/>
      </rule>
    </rules>
    <symbols>
      <symbol name="0" type="fill" alpha="1" clip_to_extent="1" force_rhr="0">
        <layer class="SimpleFill" enabled="1" locked="0" pass="0"><Option type="Map"><Option name="color" type="QString" value="255,255,255,0"/><Option name="style" type="QString" value="no"/><Option name="outline_color" type="QString" value="118,118,118,255"/><Option name="outline_style" type="QString" value="dash"/><Option name="outline_width" type="QString" value="0.26"/><Option name="outline_width_unit" type="QString" value="MM"/></Option></layer>
      </symbol>
      <symbol name="1" type="fill" alpha="1" clip_to_extent="1" force_rhr="0">
        <layer class="SimpleFill" enabled="1" locked="0" pass="0"><Option type="Map"><Option name="color" type="QString" value="118,118,118,40"/><Option name="style" type="QString" value="solid"/><Option name="outline_color" type="QString" value="118,118,118,255"/><Option name="outline_style" type="QString" value="solid"/><Option name="outline_width" type="QString" value="0.4"/><Option name="outline_width_unit" type="QString" value="MM"/></Option></layer>
      </symbol>
      <symbol name="2" type="fill" alpha="1" clip_to_extent="1" force_rhr="0">
        <layer class="SimpleFill" enabled="1" locked="0" pass="1"><Option type="Map"><Option name="color" type="QString" value="166,166,166,0"/><Option name="style" type="QString" value="no"/><Option name="outline_color" type="QString" value="166,166,166,255"/><Option name="outline_style" type="QString" value="solid"/><Option name="outline_width" type="QString" value="2.8"/><Option name="outline_width_unit" type="QString" value="MM"/></Option></layer>
      </symbol>
      <symbol name="3" type="fill" alpha="1" clip_to_extent="1" force_rhr="0">
        <layer class="SimpleFill" enabled="1" locked="0" pass="5"><Option type="Map"><Option name="color" type="QString" value="68,1,84,110"/><Option name="style" type="QString" value="solid"/><Option name="outline_color" type="QString" value="68,1,84,255"/><Option name="outline_style" type="QString" value="solid"/><Option name="outline_width" type="QString" value="1.4"/><Option name="outline_width_unit" type="QString" value="MM"/></Option></layer>
      </symbol>
      <symbol name="4" type="fill" alpha="1" clip_to_extent="1" force_rhr="0">
        <layer class="SimpleFill" enabled="1" locked="0" pass="4"><Option type="Map"><Option name="color" type="QString" value="65,68,135,110"/><Option name="style" type="QString" value="solid"/><Option name="outline_color" type="QString" value="65,68,135,255"/><Option name="outline_style" type="QString" value="solid"/><Option name="outline_width" type="QString" value="1"/><Option name="outline_width_unit" type="QString" value="MM"/></Option></layer>
      </symbol>
      <symbol name="5" type="fill" alpha="1" clip_to_extent="1" force_rhr="0">
        <layer class="SimpleFill" enabled="1" locked="0" pass="3"><Option type="Map"><Option name="color" type="QString" value="43,117,142,110"/><Option name="style" type="QString" value="solid"/><Option name="outline_color" type="QString" value="43,117,142,255"/><Option name="outline_style" type="QString" value="solid"/><Option name="outline_width" type="QString" value="0.7"/><Option name="outline_width_unit" type="QString" value="MM"/></Option></layer>
      </symbol>
      <symbol name="6" type="fill" alpha="1" clip_to_extent="1" force_rhr="0">
        <layer class="SimpleFill" enabled="1" locked="0" pass="2"><Option type="Map"><Option name="color" type="QString" value="32,164,134,110"/><Option name="style" type="QString" value="solid"/><Option name="outline_color" type="QString" value="32,164,134,255"/><Option name="outline_style" type="QString" value="solid"/><Option name="outline_width" type="QString" value="0.5"/><Option name="outline_width_unit" type="QString" value="MM"/></Option></layer>
      </symbol>
      <symbol name="7" type="fill" alpha="1" clip_to_extent="1" force_rhr="0">
        <layer class="SimpleFill" enabled="1" locked="0" pass="5"><Option type="Map"><Option name="color" type="QString" value="68,1,84,40"/><Option name="style" type="QString" value="solid"/><Option name="outline_color" type="QString" value="68,1,84,255"/><Option name="outline_style" type="QString" value="dash"/><Option name="outline_width" type="QString" value="1.4"/><Option name="outline_width_unit" type="QString" value="MM"/></Option></layer>
      </symbol>
      <symbol name="8" type="fill" alpha="1" clip_to_extent="1" force_rhr="0">
        <layer class="SimpleFill" enabled="1" locked="0" pass="4"><Option type="Map"><Option name="color" type="QString" value="65,68,135,40"/><Option name="style" type="QString" value="solid"/><Option name="outline_color" type="QString" value="65,68,135,255"/><Option name="outline_style" type="QString" value="dash"/><Option name="outline_width" type="QString" value="1"/><Option name="outline_width_unit" type="QString" value="MM"/></Option></layer>
      </symbol>
      <symbol name="9" type="fill" alpha="1" clip_to_extent="1" force_rhr="0">
        <layer class="SimpleFill" enabled="1" locked="0" pass="3"><Option type="Map"><Option name="color" type="QString" value="43,117,142,40"/><Option name="style" type="QString" value="solid"/><Option name="outline_color" type="QString" value="43,117,142,255"/><Option name="outline_style" type="QString" value="dash"/><Option name="outline_width" type="QString" value="0.7"/><Option name="outline_width_unit" type="QString" value="MM"/></Option></layer>
      </symbol>
      <symbol name="10" type="fill" alpha="1" clip_to_extent="1" force_rhr="0">
        <layer class="SimpleFill" enabled="1" locked="0" pass="2"><Option type="Map"><Option name="color" type="QString" value="32,164,134,40"/><Option name="style" type="QString" value="solid"/><Option name="outline_color" type="QString" value="32,164,134,255"/><Option name="outline_style" type="QString" value="dash"/><Option name="outline_width" type="QString" value="0.5"/><Option name="outline_width_unit" type="QString" value="MM"/></Option></layer>
      </symbol>
      <symbol name="11" type="fill" alpha="1" clip_to_extent="1" force_rhr="0">
        <layer class="CentroidFill" enabled="1" locked="0" pass="6"><Option type="Map"><Option name="point_on_surface" type="QString" value="1"/><Option name="point_on_all_parts" type="QString" value="0"/></Option><symbol name="@11@0" type="marker" alpha="1" clip_to_extent="1" force_rhr="0">        <layer class="SimpleMarker" enabled="1" locked="0" pass="0"><Option type="Map"><Option name="name" type="QString" value="diamond"/><Option name="size" type="QString" value="2.2"/><Option name="size_unit" type="QString" value="MM"/><Option name="color" type="QString" value="255,255,255,255"/><Option name="outline_color" type="QString" value="0,0,0,255"/><Option name="outline_style" type="QString" value="solid"/><Option name="outline_width" type="QString" value="0.4"/><Option name="outline_width_unit" type="QString" value="MM"/></Option></layer>      </symbol></layer>
      </symbol>
      <symbol name="12" type="marker" alpha="1" clip_to_extent="1" force_rhr="0">
        <layer class="SimpleMarker" enabled="1" locked="0" pass="0"><Option type="Map"><Option name="name" type="QString" value="circle"/><Option name="size" type="QString" value="1.8"/><Option name="size_unit" type="QString" value="MM"/><Option name="color" type="QString" value="255,255,255,0"/><Option name="outline_color" type="QString" value="118,118,118,255"/><Option name="outline_style" type="QString" value="solid"/><Option name="outline_width" type="QString" value="0.26"/><Option name="outline_width_unit" type="QString" value="MM"/></Option></layer>
      </symbol>
      <symbol name="13" type="marker" alpha="1" clip_to_extent="1" force_rhr="0">
        <layer class="SimpleMarker" enabled="1" locked="0" pass="0"><Option type="Map"><Option name="name" type="QString" value="circle"/><Option name="size" type="QString" value="2.2"/><Option name="size_unit" type="QString" value="MM"/><Option name="color" type="QString" value="118,118,118,60"/><Option name="outline_color" type="QString" value="118,118,118,255"/><Option name="outline_style" type="QString" value="solid"/><Option name="outline_width" type="QString" value="0.26"/><Option name="outline_width_unit" type="QString" value="MM"/></Option></layer>
      </symbol>
      <symbol name="14" type="marker" alpha="1" clip_to_extent="1" force_rhr="0">
        <layer class="SimpleMarker" enabled="1" locked="0" pass="1"><Option type="Map"><Option name="name" type="QString" value="circle"/><Option name="size" type="QString" value="6.8"/><Option name="size_unit" type="QString" value="MM"/><Option name="color" type="QString" value="166,166,166,255"/><Option name="outline_color" type="QString" value="166,166,166,255"/><Option name="outline_style" type="QString" value="solid"/><Option name="outline_width" type="QString" value="0"/><Option name="outline_width_unit" type="QString" value="MM"/></Option></layer>
      </symbol>
      <symbol name="15" type="marker" alpha="1" clip_to_extent="1" force_rhr="0">
        <layer class="SimpleMarker" enabled="1" locked="0" pass="5"><Option type="Map"><Option name="name" type="QString" value="circle"/><Option name="size" type="QString" value="5"/><Option name="size_unit" type="QString" value="MM"/><Option name="color" type="QString" value="68,1,84,255"/><Option name="outline_color" type="QString" value="255,255,255,255"/><Option name="outline_style" type="QString" value="solid"/><Option name="outline_width" type="QString" value="0.3"/><Option name="outline_width_unit" type="QString" value="MM"/></Option></layer>
      </symbol>
      <symbol name="16" type="marker" alpha="1" clip_to_extent="1" force_rhr="0">
        <layer class="SimpleMarker" enabled="1" locked="0" pass="4"><Option type="Map"><Option name="name" type="QString" value="circle"/><Option name="size" type="QString" value="4.4"/><Option name="size_unit" type="QString" value="MM"/><Option name="color" type="QString" value="65,68,135,255"/><Option name="outline_color" type="QString" value="255,255,255,255"/><Option name="outline_style" type="QString" value="solid"/><Option name="outline_width" type="QString" value="0.3"/><Option name="outline_width_unit" type="QString" value="MM"/></Option></layer>
      </symbol>
      <symbol name="17" type="marker" alpha="1" clip_to_extent="1" force_rhr="0">
        <layer class="SimpleMarker" enabled="1" locked="0" pass="3"><Option type="Map"><Option name="name" type="QString" value="circle"/><Option name="size" type="QString" value="3.8"/><Option name="size_unit" type="QString" value="MM"/><Option name="color" type="QString" value="43,117,142,255"/><Option name="outline_color" type="QString" value="255,255,255,255"/><Option name="outline_style" type="QString" value="solid"/><Option name="outline_width" type="QString" value="0.3"/><Option name="outline_width_unit" type="QString" value="MM"/></Option></layer>
      </symbol>
      <symbol name="18" type="marker" alpha="1" clip_to_extent="1" force_rhr="0">
        <layer class="SimpleMarker" enabled="1" locked="0" pass="2"><Option type="Map"><Option name="name" type="QString" value="circle"/><Option name="size" type="QString" value="3.2"/><Option name="size_unit" type="QString" value="MM"/><Option name="color" type="QString" value="32,164,134,255"/><Option name="outline_color" type="QString" value="255,255,255,255"/><Option name="outline_style" type="QString" value="solid"/><Option name="outline_width" type="QString" value="0.3"/><Option name="outline_width_unit" type="QString" value="MM"/></Option></layer>
      </symbol>
      <symbol name="19" type="marker" alpha="1" clip_to_extent="1" force_rhr="0">
        <layer class="SimpleMarker" enabled="1" locked="0" pass="5"><Option type="Map"><Option name="name" type="QString" value="circle"/><Option name="size" type="QString" value="5"/><Option name="size_unit" type="QString" value="MM"/><Option name="color" type="QString" value="255,255,255,255"/><Option name="outline_color" type="QString" value="68,1,84,255"/><Option name="outline_style" type="QString" value="solid"/><Option name="outline_width" type="QString" value="0.9"/><Option name="outline_width_unit" type="QString" value="MM"/></Option></layer>
      </symbol>
      <symbol name="20" type="marker" alpha="1" clip_to_extent="1" force_rhr="0">
        <layer class="SimpleMarker" enabled="1" locked="0" pass="4"><Option type="Map"><Option name="name" type="QString" value="circle"/><Option name="size" type="QString" value="4.4"/><Option name="size_unit" type="QString" value="MM"/><Option name="color" type="QString" value="255,255,255,255"/><Option name="outline_color" type="QString" value="65,68,135,255"/><Option name="outline_style" type="QString" value="solid"/><Option name="outline_width" type="QString" value="0.9"/><Option name="outline_width_unit" type="QString" value="MM"/></Option></layer>
      </symbol>
      <symbol name="21" type="marker" alpha="1" clip_to_extent="1" force_rhr="0">
        <layer class="SimpleMarker" enabled="1" locked="0" pass="3"><Option type="Map"><Option name="name" type="QString" value="circle"/><Option name="size" type="QString" value="3.8"/><Option name="size_unit" type="QString" value="MM"/><Option name="color" type="QString" value="255,255,255,255"/><Option name="outline_color" type="QString" value="43,117,142,255"/><Option name="outline_style" type="QString" value="solid"/><Option name="outline_width" type="QString" value="0.9"/><Option name="outline_width_unit" type="QString" value="MM"/></Option></layer>
      </symbol>
      <symbol name="22" type="marker" alpha="1" clip_to_extent="1" force_rhr="0">
        <layer class="SimpleMarker" enabled="1" locked="0" pass="2"><Option type="Map"><Option name="name" type="QString" value="circle"/><Option name="size" type="QString" value="3.2"/><Option name="size_unit" type="QString" value="MM"/><Option name="color" type="QString" value="255,255,255,255"/><Option name="outline_color" type="QString" value="32,164,134,255"/><Option name="outline_style" type="QString" value="solid"/><Option name="outline_width" type="QString" value="0.9"/><Option name="outline_width_unit" type="QString" value="MM"/></Option></layer>
      </symbol>
      <symbol name="23" type="marker" alpha="1" clip_to_extent="1" force_rhr="0">
        <layer class="SimpleMarker" enabled="1" locked="0" pass="6"><Option type="Map"><Option name="name" type="QString" value="diamond"/><Option name="size" type="QString" value="1.8"/><Option name="size_unit" type="QString" value="MM"/><Option name="color" type="QString" value="255,255,255,255"/><Option name="outline_color" type="QString" value="0,0,0,255"/><Option name="outline_style" type="QString" value="solid"/><Option name="outline_width" type="QString" value="0.4"/><Option name="outline_width_unit" type="QString" value="MM"/></Option></layer>
      </symbol>
    </symbols>
  </renderer-v2>
</qgis>
